"""L1: how do many small batches become few commits? Whatever queued goes into the next one.

A request puts its batch in the queue. If nobody is writing it becomes the writer and stores all
that waits in one transaction; else it waits until the writer of its group has committed. Each is
answered after its commit with its own counts.
"""

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from signals.capture.rows import Row
from signals.capture.spool import away
from signals.capture.store import Left, forget_session, make_session_ready, store
from signals.clock import now
from signals.models import Copies, Quarantine

GROUP_ROWS = 8_000  # of one commit; a larger batch goes alone
WAITING_ROWS = 100_000  # beyond this a sender is asked to come back
TRIES = 4
LOOKING_GROUPS = 32  # after one event that was there already its sender is likely to send more


class BusyError(RuntimeError):
    """More waits than can be stored soon; the sender should come back in a second."""


@dataclass(slots=True)
class Ticket:
    """A batch on its way, and what became of it."""

    rows: list[Row]
    refused: list[Quarantine]
    duplicates: int = 0
    dropped: int = 0
    unstorable: list[Row] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False
    wake: threading.Event = field(default_factory=threading.Event)

    @property
    def accepted(self) -> int:
        """Return how many rows were stored."""
        return len(self.rows) - self.duplicates - self.dropped - len(self.unstorable)


class _Queue:
    """The batches that wait, and whether somebody is writing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Ticket] = deque()
        self._rows = 0
        self._writing = False

    def enter(self, ticket: Ticket) -> bool:
        """Queue a batch; return whether the caller is to write."""
        with self._lock:
            if self._rows and self._rows + len(ticket.rows) > WAITING_ROWS:
                raise BusyError("Too many events wait to be stored; send the batch again.")
            self._waiting.append(ticket)
            self._rows += len(ticket.rows)
            leads = not self._writing
            self._writing = True
            return leads

    def take(self) -> list[Ticket]:
        """Return the next group: the oldest batch and what fits beside it."""
        with self._lock:
            group: list[Ticket] = []
            rows = 0
            while self._waiting and (not group or rows + len(self._waiting[0].rows) <= GROUP_ROWS):
                ticket = self._waiting.popleft()
                rows += len(ticket.rows)
                group.append(ticket)
            self._rows -= rows
            return group

    def leave(self) -> None:
        """Hand the pen to the oldest that waits, or put it down."""
        with self._lock:
            if self._waiting:
                self._waiting[0].wake.set()
            else:
                self._writing = False


_queue = _Queue()
_looking = 0  # how many of the next groups are looked for in the table first


def write(rows: list[Row], refused: list[Quarantine]) -> Ticket:
    """Store a batch durably and return what became of it.

    Inside a transaction of the caller the batch is stored at once, to be committed with it.
    Raises BusyError, or django.db.Error when the database is away; then nothing was stored.
    """
    ticket = Ticket(rows, refused)
    if connection.in_atomic_block:
        _settle([ticket])
    elif _queue.enter(ticket) or not _answered(ticket):
        try:
            group = _queue.take()
            _settle(group)
        finally:
            _queue.leave()
        for other in group:
            if other is not ticket:
                other.wake.set()
    if ticket.error is not None:
        raise ticket.error
    return ticket


def _answered(ticket: Ticket) -> bool:
    """Wait for the writer; False when the pen was handed over instead."""
    ticket.wake.wait()
    return ticket.done


def _settle(group: Sequence[Ticket]) -> None:
    """Store a group and mark every batch of it as done, whatever happens."""
    try:
        _store_or_split(group)
    except Exception as error:  # noqa: BLE001  every waiting request must be answered
        for ticket in group:
            ticket.error = ticket.error or error
    finally:
        for ticket in group:
            ticket.done = True


def _store_or_split(group: Sequence[Ticket]) -> None:
    try:
        _store_together(group)
    except OperationalError:
        raise  # the database is away, which no splitting mends
    except DatabaseError:
        for ticket in group:
            ticket.duplicates = ticket.dropped = 0
            _store_alone(ticket, ticket.rows)
            Quarantine.objects.bulk_create(ticket.refused)


def _store_together(group: Sequence[Ticket]) -> None:
    """Store a group in one transaction; a key that comes twice in it counts once."""
    rows: list[Row] = []
    owners: list[Ticket] = []
    seen: set[tuple[int, int, bytes]] = set()
    again: Counter[int] = Counter()
    for ticket in group:
        ticket.duplicates = ticket.dropped = 0
        for row in ticket.rows:
            if row.key in seen:
                ticket.duplicates += 1
                again[row.source_id] += 1
            else:
                seen.add(row.key)
                rows.append(row)
                owners.append(ticket)
    left = _stored(rows, [row for ticket in group for row in ticket.refused], again)
    for seq in left.duplicates:
        owners[seq].duplicates += 1
    for seq in left.dropped:
        owners[seq].dropped += 1


def _stored(rows: list[Row], refused: list[Quarantine], again: Counter[int]) -> Left:
    """Commit rows; again after a deadlock or a connection that was cut, which a resend survives."""
    if connection.in_atomic_block:
        return _commit(rows, refused, again, looking=True)
    for attempt in range(TRIES):
        try:
            make_session_ready()
            return _commit_hoping(rows, refused, again)
        except OperationalError as error:
            forget_session()
            if attempt == TRIES - 1 or not away.may_pass(error):
                raise
            connection.close()
    raise AssertionError("unreachable: the last try returns or raises")


def _commit_hoping(rows: list[Row], refused: list[Quarantine], again: Counter[int]) -> Left:
    """Commit rows as if all were new, unless one lately was not; look for each where one is not."""
    global _looking
    if _looking == 0:
        try:
            return _commit(rows, refused, again, looking=False)
        except IntegrityError:
            _looking = LOOKING_GROUPS
    left = _commit(rows, refused, again, looking=True)
    _looking = LOOKING_GROUPS if left.duplicates else max(0, _looking - 1)
    return left


def _commit(
    rows: list[Row], refused: list[Quarantine], again: Counter[int], *, looking: bool
) -> Left:
    within = connection.in_atomic_block
    with transaction.atomic():
        left = store(rows, within=within, looking=looking)
        if refused:
            Quarantine.objects.bulk_create(refused)
        copies = again + Counter(rows[seq].source_id for seq in left.duplicates)
        if copies:  # rows of their own: one that all writers count in would make them wait
            at = now()
            Copies.objects.bulk_create(
                Copies(received_at=at, source_id=source_id, events=events)
                for source_id, events in copies.items()
            )
    return left


def _store_alone(ticket: Ticket, rows: Sequence[Row]) -> None:
    """Store a part of a batch; halve it where PostgreSQL refuses, until the bad row is alone."""
    part = Ticket(list(rows), [])
    try:
        _store_together([part])
    except OperationalError:
        raise
    except DatabaseError:
        if len(rows) == 1:
            ticket.unstorable.append(rows[0])
            return
        middle = len(rows) // 2
        _store_alone(ticket, rows[:middle])
        _store_alone(ticket, rows[middle:])
    else:
        ticket.duplicates += part.duplicates
        ticket.dropped += part.dropped
