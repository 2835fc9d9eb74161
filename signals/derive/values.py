"""What is each exposed learner's value of each metric? Read in one pass, and packed (L2).

Only real learners count who have not objected to personalization: measuring it rests on the same
legitimate interest (tier 1), so an objection takes a learner out of every read-out from then on,
and out of the count of who was exposed alike. Windows are of corrected time, as exposures are of
ours.

PostgreSQL packs the values of a group of learners into one string of doubles, which numpy reads as
a table: four columns a metric, value and base after the exposure and both before it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from signals.data import Asked
from signals.derive.cohorts import COHORTS
from signals.derive.measures import CONTROLS, LISTED, MEASURES, Measure
from signals.kinds.registry import code_of
from signals.models.statements import run
from signals.privacy.consent import PERSONALIZATION_SQL

Table = NDArray[np.float64]

COLUMNS = 4  # a metric: value and base after the exposure, value and base before it
PARTS = 16  # a string may hold a gigabyte: a group is read in so many
_DAY_S = 86_400.0

# Whose exposures count; aliases as PERSONALIZATION_SQL wants them.
COUNTED = f"""
    JOIN signals_learner l ON l.learner_id = x.learner_id AND l.kind = 'real'
    LEFT JOIN signals_consent c ON c.learner_id = x.learner_id
    JOIN LATERAL (SELECT 1 WHERE {PERSONALIZATION_SQL}) allowed ON true
"""

_COLUMNS = "learner_id, corrected_at, kind, course_id, module_id, value, request_id, context"
# Beside their events stand the switches that learners turned with their own hands.
_WITH_CONTROLS = f"""(
    SELECT {_COLUMNS} FROM signals_event
    UNION ALL
    SELECT learner_id, at, {CONTROLS}, NULL, NULL, NULL, NULL, NULL FROM signals_consentchange
    WHERE actor LIKE 'learner:%%' AND via <> 'gpc'
)"""  # noqa: S608  only constants of this product are put in

_OF_EXPERIMENT = "(SELECT * FROM signals_exposure WHERE experiment = %(experiment)s)"
# Before any experiment the first list of a surface within some days stands for the exposure.
_OF_SURFACES = f"""(
    SELECT e.learner_id, '' AS arm, min(e.corrected_at) AS exposed_at
    FROM signals_event e
    WHERE {LISTED} AND e.kind = {code_of("rec.shown")} AND e.corrected_at <= %(as_of)s
      AND e.corrected_at >= %(as_of)s - %(days)s * interval '1 day'
    GROUP BY e.learner_id
)"""  # noqa: S608  only constants of this product are put in

_VALUES = """
WITH exposed AS {once} (
    SELECT x.learner_id, x.arm, x.exposed_at, {cluster} AS cluster, {cohort} AS cohort
    FROM {exposures} x {counted}
    WHERE x.exposed_at <= %(as_of)s
), per_learner AS (
    SELECT x.learner_id, x.arm, x.cohort, x.cluster, {packed} AS packed
    FROM exposed x LEFT JOIN {events} e
      ON e.learner_id = x.learner_id AND e.corrected_at <= %(as_of)s
     AND e.corrected_at >= x.exposed_at - {longest_before} * interval '1 day'
     AND e.corrected_at < x.exposed_at + {longest_after} * interval '1 day'
    GROUP BY x.learner_id, x.arm, x.cohort, x.cluster, x.exposed_at
)
SELECT arm, cohort, cluster, string_agg(packed, '') FROM per_learner
GROUP BY arm, cohort, cluster, learner_id %% {parts} ORDER BY arm, cohort, cluster
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Learners of one arm, cohort and cluster: when each was exposed, and the metrics' columns."""

    arm: str
    cohort: str
    cluster: str
    exposed_at: Table  # seconds since 1970
    values: Table  # COLUMNS for each metric asked for, in their order

    def of(self, place: int, asked: Asked, *, as_of: datetime) -> Table:
        """Return the four columns of the metric at a place, of learners who have a value."""
        columns = self.values[:, place * COLUMNS : (place + 1) * COLUMNS]
        known = ~np.isnan(columns[:, 0])
        if MEASURES[asked.metric].waits:
            known &= self.exposed_at + asked.until_days * _DAY_S <= as_of.timestamp()
        return columns[known]


def values(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
    clustered: bool = False,
) -> list[Group]:
    """Return the values of everyone exposed by then, in groups.

    Raises KeyError for a metric or a cohort that does not exist.
    """
    query = _query(
        asked,
        exposures=_OF_EXPERIMENT,
        cluster="x.cluster" if clustered else "''",
        cohort=COHORTS[cohort] if cohort else "''",
    )
    return _groups(query, asked, surfaces=surfaces, as_of=as_of, experiment=experiment)


def usual_values(
    asked: Sequence[Asked], *, surfaces: Collection[int], days: int, as_of: datetime
) -> list[Group]:
    """Return the values of everyone who saw a list of these surfaces within the days before.

    What an experiment of as many days would have read, had it run: one arm, named "".
    """
    query = _query(asked, exposures=_OF_SURFACES, cluster="''", cohort="''")
    return _groups(query, asked, surfaces=surfaces, as_of=as_of, days=days)


def _query(asked: Sequence[Asked], *, exposures: str, cluster: str, cohort: str) -> str:
    measures = [MEASURES[one.metric] for one in asked]
    return _VALUES.format(
        counted=COUNTED,
        exposures=exposures,
        once="MATERIALIZED",  # a cohort is asked of a learner, not of each event
        cluster=cluster,
        cohort=cohort,
        packed=_packed(asked),
        events=_WITH_CONTROLS if any(one.controls for one in measures) else "signals_event",
        longest_before=max(one.window_days for one in asked),
        longest_after=max(one.until_days for one in asked),
        parts=PARTS,
    )


def _groups(
    query: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    **more: object,
) -> list[Group]:
    listed = [f"8{surface:02x}" for surface in surfaces]
    rows = run(query, {"as_of": as_of, "lists": listed, "currency": settings.CURRENCY, **more})
    return [_group(*row, metrics=len(asked)) for row in rows]


def _group(arm: str, cohort: str, cluster: str, packed: bytes, *, metrics: int) -> Group:
    table = np.frombuffer(packed, ">f8").reshape(-1, 1 + metrics * COLUMNS).astype(np.float64)
    return Group(arm, cohort, cluster, table[:, 0], table[:, 1:])


def _packed(asked: Sequence[Asked]) -> str:
    columns = ["extract(epoch FROM x.exposed_at)"]
    for one in asked:
        columns += _columns(MEASURES[one.metric], one)
    return " || ".join(f"float8send(coalesce(({column})::float8, 'NaN'))" for column in columns)


def _columns(measure: Measure, asked: Asked) -> list[str]:
    after = (
        f"e.corrected_at >= x.exposed_at + {int(asked.from_days)} * interval '1 day'"
        f" AND e.corrected_at < x.exposed_at + {int(asked.until_days)} * interval '1 day'"
    )
    before = (
        f"e.corrected_at >= x.exposed_at - {int(asked.window_days)} * interval '1 day'"
        " AND e.corrected_at < x.exposed_at"
    )
    base, earlier = measure.base or "1", measure.before or measure.value
    return [
        measure.value.format(w=after),
        base.format(w=after),
        f"coalesce(({earlier.format(w=before)})::float8, 0)",
        base.format(w=before),
    ]
