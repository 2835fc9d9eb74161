"""How long did lists take, and how much of what was promised is used up? (L3) From counts.

Counted with `answered.py`, by how long a list took inside the process and whether it stood in for
one that a model should have made. What never was answered is not in the log, so it is not here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from personalize.data import Source
from personalize.models import SpeedStep
from personalize.models.decisions import SOURCE_CODES

BOUNDS_MS = (2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 125, 150, 175, 200, 250, 300, 400, 600, 1000)
LIMIT_MS = 200  # a page waits no longer
PROMISED = 0.999  # of lists are within the limit and no fallback
BUDGET_DAYS = 30
_INSTEAD = [SOURCE_CODES[source] for source in (Source.LAST_GOOD, Source.COHORT)]
_POPULAR = SOURCE_CODES[Source.POPULAR]  # a fallback for who has a history, else the usual list

_COUNT = """
INSERT INTO personalize_speedstep AS a (step_at, bucket, fell_back, count)
SELECT date_bin('5 minutes', served_at, '2000-01-01 00:00+00'),
       width_bucket(took_ms, %s::float8[]),
       source = ANY(%s) OR source = %s AND signals > 0, count(*)
FROM personalize_decision WHERE served_at >= %s AND served_at < %s
GROUP BY 1, 2, 3
ON CONFLICT (step_at, bucket, fell_back) DO UPDATE SET count = excluded.count
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """How long lists took in some time: a count for each bound and one beyond the last."""

    counts: tuple[int, ...]  # below BOUNDS_MS[0], then between, then from the last on
    fell_back: int
    missed: int  # over the limit, or a fallback; each list once

    @property
    def lists(self) -> int:
        """Return how many there were."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """Return within how many ms that share of lists was ready; None of none, or beyond all.

        Evenly spread within a bound, which is as near as counts can tell.
        """
        wanted = share * self.lists
        if not wanted:
            return None
        for place, reached in enumerate(accumulate(self.counts)):
            if reached >= wanted:
                if place == len(BOUNDS_MS):
                    return None
                low = float(BOUNDS_MS[place - 1]) if place else 0.0
                left = wanted - (reached - self.counts[place])
                return low + (BOUNDS_MS[place] - low) * left / self.counts[place]
        return None

    @property
    def late(self) -> int:
        """Return how many were over the limit, fallbacks or not."""
        return sum(self.counts[BOUNDS_MS.index(LIMIT_MS) + 1 :])


def count(cursor: CursorWrapper, first: datetime, last: datetime) -> None:
    """Count the lists answered from one moment to before another."""
    cursor.execute(_COUNT, [[float(ms) for ms in BOUNDS_MS], _INSTEAD, _POPULAR, first, last])


def let_go(*, before: datetime) -> None:
    """Forget what is older."""
    SpeedStep.objects.filter(step_at__lt=before).delete()


def speed(*, since: datetime, until: datetime) -> Speed:
    """Return how long lists took in a time of whole steps."""
    steps = SpeedStep.objects.filter(step_at__gte=since, step_at__lt=until)
    rows = steps.values_list("bucket", "fell_back").annotate(n=Sum("count"))
    return _speed([(bucket, fell_back, n) for bucket, fell_back, n in rows])


def of_month(*, now: datetime) -> Speed:
    """Return the same of the days the promise is of."""
    return speed(since=now - timedelta(days=BUDGET_DAYS), until=now)


def _speed(rows: Sequence[tuple[int, bool, int]]) -> Speed:
    counts = [0] * (len(BOUNDS_MS) + 1)
    for bucket, _, n in rows:
        counts[bucket] += n
    slow = BOUNDS_MS.index(LIMIT_MS)
    return Speed(
        counts=tuple(counts),
        fell_back=sum(n for _, fell_back, n in rows if fell_back),
        missed=sum(n for bucket, fell_back, n in rows if fell_back or bucket > slow),
    )
