"""L1: who changed what, and was the record touched since? Append-only and hash-chained.

Each entry's HMAC-SHA256, under a key made from the master key, covers the one before it: a changed,
inserted or removed entry breaks the chain from there on, and who can write the table but has not
the key cannot make another. Triggers refuse UPDATE, DELETE and TRUNCATE. What names a learner is
sealed under that learner's data key before it is hashed: erasing the key leaves the chain whole and
the text unreadable.
"""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection, transaction

from signals import sealing
from signals.data import Actor, LedgerRow
from signals.models import LedgerEntry

LOCK = 0x6C_65_64_67_65_72  # "ledger": one writer at a time, so that the chain never forks
GENESIS = bytes(32)
SEALED = "sealed"
VERIFY_CHUNK = 2000


class LedgerBrokenError(RuntimeError):
    """The chain does not hold; `sequence` is the first entry that does not fit."""

    def __init__(self, sequence: int, why: str) -> None:
        """Keep the number for the caller."""
        super().__init__(f"The ledger is broken at entry {sequence}: {why}.")
        self.sequence = sequence


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain goes, and the digest that stands for all of it."""

    entries: int
    digest: bytes


def canonical(value: Mapping[str, object]) -> str:
    """Return one spelling of a mapping: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=str)


def _digest(entry: LedgerEntry) -> bytes:
    covered = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
    said = bytes(entry.previous) + canonical(covered).encode()
    return hmac.digest(sealing.ledger_key(), said, sha256)


def append(
    *,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
    learner_id: int | None = None,
) -> int:
    """Add an entry inside the caller's transaction and return its sequence.

    Call it last: the lock it takes is held until that transaction ends. With `learner_id` the
    detail is sealed under that learner's data key.
    """
    text = canonical(detail)
    if learner_id is not None:
        sealed = sealing.seal(learner_id, text.encode(), use="ledger")
        text = canonical({SEALED: b64encode(sealed).decode(), "learner_id": learner_id})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = LedgerEntry.objects.order_by("-sequence").first()
        entry = LedgerEntry(
            sequence=last.sequence + 1 if last else 1,
            at=now,
            actor=str(actor),
            action=action,
            subject=subject,
            detail=text,
            previous=bytes(last.digest) if last else GENESIS,
        )
        entry.digest = _digest(entry)
        entry.save(force_insert=True)
    return entry.sequence


def verify(known: Mapping[int, bytes] | None = None) -> Head:
    """Recompute the whole chain and return its head, or raise LedgerBrokenError.

    known: digests that were written down elsewhere, by sequence. Only they show a cut tail, and a
    chain made anew by somebody who has the key.
    """
    known = known or {}
    previous, expected = GENESIS, 1
    for entry in LedgerEntry.objects.order_by("sequence").iterator(VERIFY_CHUNK):
        if entry.sequence != expected:
            raise LedgerBrokenError(expected, "it is missing")
        if bytes(entry.previous) != previous:
            raise LedgerBrokenError(entry.sequence, "it does not follow the entry before it")
        if not hmac.compare_digest(bytes(entry.digest), _digest(entry)):
            raise LedgerBrokenError(entry.sequence, "its content was changed")
        previous = bytes(entry.digest)
        if not hmac.compare_digest(known.get(expected, previous), previous):
            raise LedgerBrokenError(expected, "it is not the entry that was anchored")
        expected += 1
    if max(known, default=0) >= expected:
        raise LedgerBrokenError(
            expected, f"it is missing; an anchor says there were {max(known)} entries"
        )
    return Head(expected - 1, previous)


def rows(
    *, limit: int = 50, action_prefix: str = "", subject: str = "", before: int | None = None
) -> list[LedgerRow]:
    """Return the newest entries first, those below the sequence `before` where it is given.

    A sealed detail is opened while its key exists.
    """
    entries = LedgerEntry.objects.order_by("-sequence")
    if before is not None:
        entries = entries.filter(sequence__lt=before)
    if action_prefix:
        entries = entries.filter(action__startswith=action_prefix)
    if subject:
        entries = entries.filter(subject=subject)
    return [
        LedgerRow(
            sequence=entry.sequence,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=_readable(json.loads(entry.detail)),
        )
        for entry in entries[:limit]
    ]


def _readable(detail: dict[str, object]) -> dict[str, object]:
    learner_id = detail.get("learner_id")
    if SEALED not in detail or not isinstance(learner_id, int):
        return detail
    try:
        text = sealing.unseal(learner_id, b64decode(str(detail[SEALED])), use="ledger")
    except sealing.KeyGoneError:
        return {"erased": True}
    opened: dict[str, object] = json.loads(text)
    return opened
