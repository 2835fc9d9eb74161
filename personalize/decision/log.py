"""What was decided, and can it still be read? (L4) Rows in groups, off the request path.

A thread writes whatever queued, at most FLUSH_S after it was decided. The queue is bounded: when
the database stays away, the oldest rows are dropped and counted, never the answers.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from threading import Lock
from uuid import UUID

import psycopg
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from personalize.decision import background, memory, metrics, partitions, rulebooks
from personalize.decision.memory import Remember
from personalize.decision.overrides import Controls
from personalize.decision.row import COLUMNS, HEADER, TRAILER, DecisionRow
from personalize.models import Decision
from signals import api as signals
from signals.data import Allowed
from signals.request_ids import read_request_id

FLUSH_S = 0.05
QUEUE_MOST = 20_000  # rows, about 30 MB

_COPY = sql.SQL("COPY personalize_decision ({}) FROM STDIN (FORMAT BINARY)").format(
    sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one answer leaves behind: a row, and what the cache should remember."""

    row: DecisionRow
    remember: Remember | None
    controls: Controls | None = None  # that were in force


_waiting: deque[Entry] = deque()
_draining = Lock()


def write(entry: Entry) -> None:
    """Keep an answer; it is on disk within FLUSH_S, or at once inside an open transaction."""
    if len(_waiting) >= QUEUE_MOST:
        _waiting.popleft()
        metrics.LOST.inc()
    _waiting.append(entry)
    if background.allowed_here():
        FLUSHER.start()
    else:
        flush()


def flush() -> int:
    """Write what waits, in the connection of the caller; return how many rows."""
    with _draining:
        entries = [_waiting.popleft() for _ in range(len(_waiting))]
        if not entries:
            return 0
        memory.remember([entry.remember for entry in entries if entry.remember])
        try:
            allowing = _store(entries)
        except DatabaseError:
            room = max(QUEUE_MOST - len(_waiting), 0)
            metrics.LOST.inc(max(len(entries) - room, 0))
            kept = [replace(entry, remember=None) for entry in entries[len(entries) - room :]]
            _waiting.extendleft(reversed(kept))
            raise
        memory.take_back(
            entry.remember
            for entry in entries
            if entry.remember and entry.remember.learner_id not in allowing
        )
        metrics.LOGGED.inc(len(entries))
        return len(entries)


FLUSHER = background.Repeated(flush, every_s=FLUSH_S, name="northway-decision-log")


def forget(learner_id: int) -> None:
    """Drop what still waits in this process about a learner.

    Whoever writes just now looks at each learner again, and may be waiting for this transaction.
    """
    if not _draining.acquire(blocking=False):
        return
    try:
        kept = [entry for entry in _waiting if entry.row.learner_id != learner_id]
        _waiting.clear()
        _waiting.extend(kept)
    finally:
        _draining.release()


def drop() -> None:
    """Drop everything that still waits; for tests that rolled back what it is about."""
    with _draining:
        _waiting.clear()


def find(request_id: UUID) -> Decision | None:
    """Return the logged decision; None where there is none, or the id is not one of ours."""
    try:
        served_at, _surface, _arm = read_request_id(request_id)
    except ValueError:
        return None
    flush()
    return Decision.objects.filter(served_at=served_at, request_id=request_id).first()


def row_bytes(request_id: UUID) -> int:
    """Return how much room a decision takes in its table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_column_size(d.*) FROM personalize_decision d WHERE request_id = %s",
            [request_id],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _store(entries: Sequence[Entry]) -> frozenset[int]:
    """Write rows as their learners allow now; return the learners who allow lists of their own.

    Rows may have waited through an erasure or an objection in another process.
    """
    rows = [entry.row for entry in entries]
    partitions.ensure_days({row.served_at.astimezone(UTC).date() for row in rows})
    named = {row.learner_id for row in rows if row.learner_id is not None}
    with transaction.atomic():
        rulebooks.keep(entry.controls for entry in entries if entry.controls)
        allowed = signals.storing(named) if named else {}
        _copy([_as_allowed(row, allowed) for row in rows if row.learner_id in {None, *allowed}])
    return frozenset(key for key, switches in allowed.items() if switches.personalization)


def _as_allowed(row: DecisionRow, allowed: Mapping[int, Allowed]) -> DecisionRow:
    """Return a row without its reasons where its learner objects to having been profiled."""
    if row.learner_id is None or allowed[row.learner_id].personalization:
        return row
    return replace(
        row, goal=None, parts=row.parts.nothing(), drafted_for=None, teams=None, inputs=None
    )


def _copy(rows: Sequence[DecisionRow]) -> None:
    with transaction.atomic():
        connection.ensure_connection()
        try:
            with (
                psycopg.Cursor(connection.connection) as cursor,
                cursor.copy(_COPY) as copy,
            ):
                copy.write(HEADER + b"".join(row.encoded() for row in rows) + TRAILER)
        except psycopg.Error as error:
            raise DatabaseError(f"The decision log could not be written: {error}") from error
