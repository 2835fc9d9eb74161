"""Where did lists come from, and how fast? (L3) Counted from the log in five-minute steps.

A step is counted anew for ten minutes, since an answer is written a moment after it was given.
"""

from datetime import UTC, datetime, timedelta
from time import monotonic

import numpy as np
from django.db import connection, transaction
from django.db.models import Max, Min
from numpy.typing import NDArray

from personalize.engine.drift import speed
from personalize.models import AnswerStep, Decision
from personalize.models.decisions import SOURCE_CODES
from signals.data import MIX_STEP_S

STEP = timedelta(seconds=MIX_STEP_S)
AGAIN = 2 * STEP
KEPT = timedelta(days=43)  # six weeks and a day: what drift is judged by
AT_ONCE = timedelta(days=1)
CATCH_UP_S = 30.0
COUNTED_TO = 0  # a source no answer has: marks how far was counted
COUNTING_LOCK = 0x4E57_0005

_COUNT = """
INSERT INTO personalize_answerstep AS a (step_at, source, count)
SELECT date_bin('5 minutes', served_at, '2000-01-01 00:00+00'), source, count(*)
FROM personalize_decision WHERE served_at >= %s AND served_at < %s
GROUP BY 1, 2
ON CONFLICT (step_at, source) DO UPDATE SET count = excluded.count
"""


def step_of(moment: datetime) -> datetime:
    """Return the start of the five minutes a moment lies in."""
    seconds = int(moment.timestamp()) // MIX_STEP_S * MIX_STEP_S
    return datetime.fromtimestamp(seconds, UTC)


def count_answers(*, now: datetime) -> datetime:
    """Count what was answered since the last call; return up to when all is counted.

    A platform that has answered for long before is caught up with a day at a time, for half a
    minute a call.
    """
    begun = monotonic()
    last = _count_a_day(now=now)
    while last < step_of(now) and monotonic() - begun < CATCH_UP_S:
        last = _count_a_day(now=now)
    return last


def counted_to() -> datetime | None:
    """Return up to when all is counted, None before the first time."""
    found: datetime | None = AnswerStep.objects.filter(source=COUNTED_TO).aggregate(
        at=Max("step_at")
    )["at"]
    return found


def _count_a_day(*, now: datetime) -> datetime:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING_LOCK])
        known = counted_to() or Decision.objects.aggregate(at=Min("served_at"))["at"] or now
        first = step_of(max(known - AGAIN, now - KEPT))
        last = min(step_of(now), step_of(first + AT_ONCE))
        cursor.execute(_COUNT, [first, last])
        speed.count(cursor, first, last)
        AnswerStep.objects.filter(source=COUNTED_TO).delete()
        AnswerStep.objects.create(step_at=last, source=COUNTED_TO, count=0)
        AnswerStep.objects.filter(step_at__lt=now - KEPT).delete()
        speed.let_go(before=now - KEPT)
    return last


def counts(*, first: int, steps: int) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return how many lists came from each source, (steps, sources), from step number `first`."""
    begin = datetime.fromtimestamp(first * MIX_STEP_S, UTC)
    rows = AnswerStep.objects.filter(step_at__gte=begin, step_at__lt=begin + steps * STEP)
    names = {code: source.value for source, code in SOURCE_CODES.items()}
    found = list(rows.filter(source__in=names).values_list("step_at", "source", "count").iterator())
    sources = sorted({source for _at, source, _count in found})
    table = np.zeros((steps, len(sources)))
    for at, source, count in found:
        table[int(at.timestamp()) // MIX_STEP_S - first, sources.index(source)] = count
    return tuple(names[source] for source in sources), table
