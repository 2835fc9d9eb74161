"""L1: may this wait on disk, and is it there for good? Only what needs no consent is kept.

Consent lies in the database that is away. Tier 0 and 1 wait, and consent is applied when they are
stored; an event of tier 2 or 3 is refused, and its sender asked to send it again. What came with
it and needs no consent waits all the same: a sender that gives up loses no enrolment.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from signals import sealing
from signals.capture.contract import Batch, Refusal, RefusedError, window
from signals.capture.intake import in_form
from signals.capture.problems import Problem
from signals.capture.spool import card
from signals.capture.spool.files import SpoolFullError, Writer
from signals.capture.spool.records import Record, packed
from signals.data import BatchResult, Tier

RETRY_AFTER_S = 5
REMEMBERED = 10_000  # halves of batches whose other half is being sent again and again

_writer = Writer()


@dataclass(frozen=True, slots=True)
class Spooled(BatchResult):
    """What became of a batch that waits on disk: accepted in form, so many of them waiting."""

    spooled: int = 0


class _Kept:
    """Which parts of refused batches wait already; their senders send them again whole."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, digest: bytes) -> bool:
        with self._lock:
            return digest in self._held

    def add(self, digest: bytes) -> None:
        with self._lock:
            self._held[digest] = None
            while len(self._held) > REMEMBERED:
                self._held.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()


_kept = _Kept()


def forget_cached() -> None:
    """Forget what waits, and the segment at hand."""
    _kept.clear()
    _writer.path = None


def append(record: Record) -> None:
    """Seal a record and put it on disk for good; a Problem 503 where that cannot be done."""
    held = card.read()
    found = held.cipher(record.received_at.date()) if held is not None else None
    if found is None:
        raise not_stored("This node has not met its databases yet and has no key to seal with.")
    day, cipher = found
    try:
        _writer.append(card.folder(), day, sealing.seal_for_day(cipher, day, packed(record)))
    except SpoolFullError as error:
        raise not_stored("The disk on which events wait is full.") from error


def not_stored(detail: str) -> Problem:
    """Return the answer that asks to send everything again."""
    return Problem(
        503,
        "Not stored",
        f"The event store is away. {detail} Send the batch again.",
        retry_after_s=RETRY_AFTER_S,
    )


def keep_batch(batch: Batch, record: Record) -> Spooled:
    """Keep a decoded batch on disk, its refused events for the quarantine, and say so.

    Raises Problem 503 where something of it is to be sent again.
    """
    span = window(
        received=record.received_at, sent_at=batch.sent_at, backfill=record.sender.backfill
    )
    refused = list(batch.refused)
    waiting: list[int] = []
    unread: list[int] = []
    for index, event in batch.events:
        try:
            tier = in_form(index, event, sender=record.sender, span=span).tier
        except RefusedError as error:
            refused.append(Refusal(index, error.code, str(error), b""))
            continue
        (unread if tier >= Tier.FINE_GRAINED else waiting).append(index)
    if unread:
        _keep_rest(batch, record, kept=[*waiting, *(refusal.index for refusal in refused)])
        raise consent_unread(unread, kept=len(waiting))
    append(record)
    refused.sort(key=lambda refusal: refusal.index)
    return Spooled(
        accepted=len(waiting),
        duplicates=0,
        dropped_by_consent=0,
        quarantined=len(refused),
        errors=tuple(
            {"index": one.index, "code": one.code, "detail": one.detail} for one in refused
        ),
        spooled=len(waiting),
    )


def consent_unread(places: Sequence[int], *, kept: int) -> Problem:
    """Return the answer to what needs a consent that cannot be read."""
    shown = ", ".join(str(place) for place in places[:20])
    return Problem(
        503,
        "Consent cannot be read",
        f"The consent register is away, and the events at {shown} need consent."
        f" The other {kept} wait on disk; send the batch again, nothing counts twice.",
        field=f"$.batch[{places[0]}]",
        retry_after_s=RETRY_AFTER_S,
    )


def _keep_rest(batch: Batch, record: Record, *, kept: Collection[int]) -> None:
    """Keep the events of a batch that need no consent, once however often it is sent."""
    if batch.originals is None or not kept:
        return
    events = [msgspec.Raw(batch.originals[index]) for index in sorted(kept)]
    keep_once(
        replace_body(record, msgspec.json.encode({"sent_at": batch.sent_at, "batch": events})),
        said=b"".join(bytes(event) for event in events),
    )


def keep_once(record: Record, *, said: bytes) -> None:
    """Keep a part of a request unless this process kept the same already."""
    digest = blake2b(said, digest_size=16, key=b"%d" % record.source_id).digest()
    if not _kept.has(digest):
        append(record)
        _kept.add(digest)


def replace_body(record: Record, body: bytes) -> Record:
    """Return the record of a part of a request."""
    return msgspec.structs.replace(record, body=body)
