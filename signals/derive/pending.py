"""Whose events changed since a reader last looked? Work as rows, claimed in parts (L2).

Changes are found by transaction number, as rollups are: everything below the oldest transaction
still open is committed and complete, so no event is passed over however late it commits. What is
computed of a learner is computed from all of their events anew, so that doing it twice, or in
another order, changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.db import connection, transaction

from signals.data import Allowed
from signals.models import Watermark
from signals.models.statements import run
from signals.privacy import gate

AT_ONCE = 200  # learners a transaction
SPAN = 100_000  # transactions noted at once, each of up to some thousand events
BUDGET_S = 240.0  # of one run; what is left waits for the next

_NOTE = """
INSERT INTO signals_pendinglearner (reader, learner_id)
SELECT %(reader)s, changed.learner_id FROM (
    SELECT DISTINCT learner_id FROM signals_event WHERE tx >= %(after)s AND tx < %(horizon)s
) changed JOIN signals_learner USING (learner_id)
ORDER BY changed.learner_id
ON CONFLICT DO NOTHING
"""
_CLAIM = """
DELETE FROM signals_pendinglearner p USING (
    SELECT reader, learner_id FROM signals_pendinglearner WHERE reader = %s
    ORDER BY learner_id LIMIT %s FOR UPDATE SKIP LOCKED
) claimed WHERE (p.reader, p.learner_id) = (claimed.reader, claimed.learner_id)
RETURNING p.learner_id
"""

Rebuild = Callable[[dict[int, Allowed], datetime], None]
Beside = Callable[[int, int], None]  # first transaction, and the one it ends before


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads changes, and what it does: `rebuild` gets learners with what they allow.

    `beside` sees each range of transactions once, in the transaction that moves the watermark.
    """

    name: str
    lock: int
    rebuild: Rebuild
    beside: Beside | None = None


def catch_up(reader: Reader, *, now: datetime) -> int:
    """Rebuild every learner whose events changed; return how many were."""
    until, done = perf_counter() + BUDGET_S, 0
    while perf_counter() < until and _note_changed(reader, now=now):
        pass
    while perf_counter() < until:
        with transaction.atomic():
            run(gate.STORING)  # before any row is held: an erasure takes the gate first as well
            learners = _claim(reader.name)
            if not learners:
                break
            reader.rebuild(gate.storing(learners), now)  # who was erased meanwhile is missing
        done += len(learners)
    return done


def _note_changed(reader: Reader, *, now: datetime) -> bool:
    """Write down whose events were committed next; return whether there is more to note.

    One process at a time: another one returns at once, with nothing to do here.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [reader.lock])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(gate.STORING)
        mark, _ = Watermark.objects.get_or_create(reader=reader.name, defaults={"read_at": now})
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
        end = min(horizon, mark.tx + SPAN)
        cursor.execute(_NOTE, {"reader": reader.name, "after": mark.tx, "horizon": end})
        if reader.beside is not None:
            reader.beside(mark.tx, end)
        mark.tx, mark.read_at = end, now
        mark.save(update_fields=["tx", "read_at"])
    return bool(end < horizon)


def _claim(reader: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [reader, AT_ONCE])
        return [learner_id for (learner_id,) in cursor.fetchall()]
