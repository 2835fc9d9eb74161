"""How are a learner's values of many metrics made in one pass, and packed into one string? (L2)

PostgreSQL packs the values of a learner side by side, as a record of fixed length, and those of a
group of learners into one string, which numpy reads as a table: the moment of the exposure, then
the columns of each metric. Counts take four bytes, which are exact up to 16 million.

Only real learners count who have not objected to personalization: measuring it rests on the same
legitimate interest (tier 1), so an objection takes a learner out of every read-out from then on,
and out of the count of who was exposed alike. Windows are of corrected time, as exposures are of
ours.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from signals.data import Asked
from signals.derive.measures import CONTROLS, MEASURES, Measure
from signals.privacy.consent import PERSONALIZATION_SQL

Table = NDArray[np.float64]
Records = NDArray[np.void]

VALUE, BASE, BEFORE, BASE_BEFORE = range(4)  # columns of a metric
_DAY_S = 86_400.0

# Who counts; aliases as PERSONALIZATION_SQL wants them.
_COUNTS = f"(l.kind = 'real' AND {PERSONALIZATION_SQL})"
COUNTED = f"""
    JOIN signals_learner l ON l.learner_id = x.learner_id
    LEFT JOIN signals_consent c ON c.learner_id = x.learner_id
    JOIN LATERAL (SELECT 1 WHERE {_COUNTS}) counts ON true
"""

# The same of exposures, said by who does not count: they are few, so what is looked through stays
# small where everybody's exposure is read. The learner's row cannot be read beside it.
NOT_LEFT_OUT = f"""NOT EXISTS (
    SELECT FROM signals_learner l LEFT JOIN signals_consent c ON c.learner_id = l.learner_id
    WHERE l.learner_id = x.learner_id AND NOT {_COUNTS})
"""

_COLUMNS = "learner_id, corrected_at, kind, course_id, module_id, value, request_id, context"
# Beside their events stand the switches that learners turned with their own hands.
_WITH_CONTROLS = f"""(
    SELECT {_COLUMNS} FROM signals_event
    UNION ALL
    SELECT learner_id, at, {CONTROLS}, NULL, NULL, NULL, NULL, NULL FROM signals_consentchange
    WHERE actor LIKE 'learner:%%' AND via <> 'gpc'
)"""  # noqa: S608  only constants of this product are put in

_PER_LEARNER = """
    SELECT x.learner_id, x.arm, x.cohort, x.cluster, {packed} AS packed,
        max(e.corrected_at) AS newest
    FROM exposed x LEFT JOIN {events} e
      ON e.learner_id = x.learner_id AND e.corrected_at <= %(as_of)s
     AND e.corrected_at >= x.exposed_at - {longest_before} * interval '1 day'
     AND e.corrected_at < x.exposed_at + {longest_after} * interval '1 day'
     {of_these}
    GROUP BY x.learner_id, x.arm, x.cohort, x.cluster, x.exposed_at
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Learners of one arm, cohort and cluster, each a record of `record_of` the metrics."""

    arm: str
    cohort: str
    cluster: str
    metrics: tuple[Asked, ...]
    records: Records
    exposed_at: Table  # seconds since 1970

    def of(self, asked: Asked, *, as_of: datetime) -> Table:
        """Return the four columns of a metric, of learners who have a value.

        The base of what is no ratio is 1: the learner.
        """
        measure, place = MEASURES[asked.metric], self.metrics.index(uncut(asked))
        table = np.ones((len(self.records), 4))
        for column in _columns_of(measure):
            table[:, column] = self.records[f"{column}.{place}"]
        known = ~np.isnan(table[:, VALUE])
        if measure.waits:
            known &= self.exposed_at + asked.until_days * _DAY_S <= as_of.timestamp()
        return table if known.all() else table[known]


def record_of(asked: Sequence[Asked]) -> "np.dtype[np.void]":
    """Return how the values of a learner lie side by side."""
    fields = [("exposed_at", ">f8")]
    for place, one in enumerate(asked):
        measure = MEASURES[one.metric]
        fields += [
            (f"{column}.{place}", f">f{_bytes(measure, column)}") for column in _columns_of(measure)
        ]
    return np.dtype(fields)


def uncut(asked: Asked) -> Asked:
    """Return what is packed: values are cut when they are read."""
    return replace(asked, winsor=None)


def unpacked(row: Sequence[str], packed: Sequence[bytes | None], asked: Sequence[Asked]) -> Group:
    """Return the group of an arm, cohort and cluster as PostgreSQL packed it, in parts."""
    records = np.frombuffer(b"".join(part for part in packed if part), record_of(asked))
    arm, cohort, cluster = row
    exposed_at = records["exposed_at"].astype(np.float64)
    return Group(arm, cohort, cluster, tuple(map(uncut, asked)), records, exposed_at)


def per_learner(asked: Sequence[Asked], *, of_these: bool = False) -> str:
    """Return a query over `exposed` that packs the values of each learner in it.

    It wants `as_of` and what `parameters` returns; `newest` is the last event that was counted.
    Where `exposed` holds few, `of_these` lets their events be looked up: it wants `learners`.
    """
    measures = [MEASURES[one.metric] for one in asked]
    return _PER_LEARNER.format(
        packed=_packed(asked),
        events=_WITH_CONTROLS if any(one.controls for one in measures) else "signals_event",
        longest_before=max(one.window_days for one in asked),
        longest_after=longest_after(asked),
        of_these="AND e.learner_id = ANY(%(learners)s::bigint[])" if of_these else "",
    )


def longest_after(asked: Sequence[Asked]) -> int:
    """Return how many days after an exposure the last window is closed."""
    return max(one.until_days for one in asked)


def parameters(surfaces: Collection[int]) -> dict[str, object]:
    """Return what the expressions of metrics read beside events."""
    return {
        "lists": [f"8{surface:02x}" for surface in sorted(surfaces)],
        "currency": settings.CURRENCY,
    }


def form_of(asked: Sequence[Asked], surfaces: Collection[int]) -> int:
    """Return a number for the way these values are made: another way has another number."""
    made = f"{per_learner(asked)} {parameters(surfaces)}"
    return int.from_bytes(blake2b(made.encode(), digest_size=8).digest(), signed=True)


def _packed(asked: Sequence[Asked]) -> str:
    packed = ["float8send(extract(epoch FROM x.exposed_at)::float8)"]
    for one in asked:
        measure, columns = MEASURES[one.metric], _columns(MEASURES[one.metric], one)
        packed += [
            f"float{_bytes(measure, column)}send(coalesce(({columns[column]})"
            f"::float{_bytes(measure, column)}, 'NaN'))"
            for column in _columns_of(measure)
        ]
    return " || ".join(packed)


def _columns_of(measure: Measure) -> tuple[int, ...]:
    return (VALUE, BASE, BEFORE, BASE_BEFORE) if measure.base else (VALUE, BEFORE)


def _bytes(measure: Measure, column: int) -> int:
    return 8 if measure.real and column in {VALUE, BEFORE} else 4


def _columns(measure: Measure, asked: Asked) -> dict[int, str]:
    after = (
        f"e.corrected_at >= x.exposed_at + {int(asked.from_days)} * interval '1 day'"
        f" AND e.corrected_at < x.exposed_at + {int(asked.until_days)} * interval '1 day'"
    )
    before = (
        f"e.corrected_at >= x.exposed_at - {int(asked.window_days)} * interval '1 day'"
        " AND e.corrected_at < x.exposed_at"
    )
    earlier = measure.before or measure.value
    return {
        VALUE: measure.value.format(w=after),
        BASE: measure.base.format(w=after),
        BEFORE: f"coalesce(({earlier.format(w=before)})::float8, 0)",
        BASE_BEFORE: measure.base.format(w=before),
    }
