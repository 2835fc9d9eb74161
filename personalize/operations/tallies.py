"""For operators: how many requests were answered each minute, by all processes of all nodes?

Each process counts in memory, and a thread adds what it counted to one table every few seconds: the
path of a request pays nothing. While the database is away counts wait, for a day at most.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import time

from django.db import connection

from personalize.decision.background import Repeated
from personalize.models import AnsweredMinute

EVERY_S = 10.0
WAITS_MOST = 24 * 60 * 5  # minutes of each kind: a day
KEPT_DAYS = 35  # levels are told of thirty

_ADD = """
INSERT INTO personalize_answeredminute AS kept (minute, kind, answered, failed, late)
SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::int[], %s::int[], %s::int[])
ORDER BY 1, 2
ON CONFLICT (minute, kind) DO UPDATE SET answered = kept.answered + excluded.answered,
failed = kept.failed + excluded.failed, late = kept.late + excluded.late
"""


@dataclass(slots=True)
class _Count:
    answered: int = 0
    failed: int = 0
    late: int = 0


_waiting: OrderedDict[tuple[int, str], _Count] = OrderedDict()  # by minute since 1970, and kind
_lock = Lock()


def note(kind: str, *, failed: bool, late: bool) -> None:
    """Count an answer; one that failed is not late as well."""
    key = (int(time() // 60), kind)
    with _lock:
        count = _waiting.get(key)
        if count is None:
            count = _waiting[key] = _Count()
        count.answered += 1
        count.failed += failed
        count.late += late and not failed


def flush() -> int:
    """Add what was counted to the table; return of how many minutes and kinds.

    Raises DatabaseError with everything still counted.
    """
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
    if not taken:
        return 0
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, _columns(taken))
    except BaseException:
        _put_back(taken)
        raise
    return len(taken)


FLUSHER = Repeated(flush, every_s=EVERY_S, name="northway-tallies")


def tend() -> None:
    """Let a thread of this process add up from now on."""
    FLUSHER.start()


def drop() -> None:
    """Forget what was not added yet."""
    with _lock:
        _waiting.clear()


def purge(*, now: datetime) -> int:
    """Delete minutes that no level of service is told of any more; return how many."""
    old = AnsweredMinute.objects.filter(minute__lt=now - timedelta(days=KEPT_DAYS))
    return old.delete()[0]


def _columns(taken: dict[tuple[int, str], _Count]) -> list[list[object]]:
    return [
        [datetime.fromtimestamp(minute * 60, UTC) for minute, _ in taken],
        [kind for _, kind in taken],
        [count.answered for count in taken.values()],
        [count.failed for count in taken.values()],
        [count.late for count in taken.values()],
    ]


def _put_back(taken: dict[tuple[int, str], _Count]) -> None:
    with _lock:
        for key, count in taken.items():
            held = _waiting.setdefault(key, _Count())
            held.answered += count.answered
            held.failed += count.failed
            held.late += count.late
        while len(_waiting) > WAITS_MOST:
            _waiting.popitem(last=False)
