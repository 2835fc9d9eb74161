"""L1: what of the quarantine fits by now? Sent through its door again, once, when it does.

An event is judged as of the day it came, so that waiting makes nothing too old; what came from the
future is judged now. What still does not fit stays where it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from signals import ledger, sealing
from signals.capture import quarantine
from signals.capture.contract import Batch, NoBatchError, TooManyError, decode
from signals.capture.intake import Sender, take
from signals.capture.xapi import arrived, keep
from signals.capture.xapi.valid.values import InvalidError
from signals.data import Actor
from signals.models import Quarantine, Source
from signals.privacy.identity import ensure_learners

JUDGED_NOW = frozenset({"future", "clock_skew"})
UNREADABLE = "key_destroyed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which refusals: those that fit every filter given."""

    reason: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[int, ...] = ()

    def rows(self) -> QuerySet[Quarantine]:
        """Return them, oldest first; what was replayed before is not wanted again."""
        found = Quarantine.objects.filter(replayed_at=None).order_by("received_at", "pk")
        given: dict[str, object] = {
            "code": self.reason,
            "source__name": self.source,
            "received_at__gte": self.since,
            "received_at__lt": self.until,
            "pk__in": self.ids,
        }
        return found.filter(**{name: value for name, value in given.items() if value})


@dataclass(slots=True)
class Replayed:
    """What came of it."""

    found: int = 0
    replayed: int = 0  # refusals that fit by now
    stored: int = 0  # events and statements that were new
    refused: int = 0  # refusals that still do not fit
    reasons: dict[str, int] = field(default_factory=dict)  # of these
    dry_run: bool = False


class _StillRefusedError(Exception):
    """It does not fit; nothing of it is stored."""


def replay(
    actor: Actor, wanted: Wanted, *, now: datetime, backfill: bool = False, dry_run: bool = False
) -> Replayed:
    """Take in again what fits by now; a second run finds nothing left to do.

    With `backfill` events may be as old as raw data is kept. A dry run stores nothing at all.
    """
    came = Replayed(dry_run=dry_run)
    for row_id in list(wanted.rows().values_list("pk", flat=True)):
        came.found += 1
        reason = _replay(row_id, came, now=now, backfill=backfill, dry_run=dry_run)
        if reason:
            came.refused += 1
            came.reasons[reason] = came.reasons.get(reason, 0) + 1
    if came.replayed and not dry_run:
        ledger.append(
            actor=actor,
            action="quarantine.replayed",
            subject=f"reason:{wanted.reason or 'any'}",
            detail={"source": wanted.source, "replayed": came.replayed, "stored": came.stored},
            now=now,
        )
    return came


def _replay(row_id: int, came: Replayed, *, now: datetime, backfill: bool, dry_run: bool) -> str:
    """Take one refusal in again; return why it does not fit, empty where it does."""
    try:
        with transaction.atomic():
            rows = Quarantine.objects.select_related("source").filter(pk=row_id, replayed_at=None)
            row = rows.select_for_update(of=("self",), skip_locked=True).first()
            if row is None:
                return ""  # another run has it
            stored = _door_of(row, now=now, backfill=backfill)()
            row.replayed_at = now
            row.save(update_fields=["replayed_at"])
            came.replayed += 1
            came.stored += stored
            if dry_run:
                transaction.set_rollback(True)
    except _StillRefusedError as reason:
        return str(reason)
    except sealing.KeyGoneError:
        return UNREADABLE
    return ""


def _door_of(row: Quarantine, *, now: datetime, backfill: bool) -> Callable[[], int]:
    at = now if row.code in JUDGED_NOW else row.received_at
    sender = Sender(row.source_id, backfill=backfill)
    raw = quarantine.opened(row)
    if row.door == arrived.DOOR:
        return lambda: _statements(row, raw, sender, at)
    if row.door == keep.VERB_DOOR:
        return lambda: _unmapped(row, raw, sender, at)
    return lambda: _events(_batch_of(row, raw), sender, at)


def _batch_of(row: Quarantine, raw: bytes) -> Batch:
    if not row.whole_body:
        sent_at = None if row.code in JUDGED_NOW else row.sent_at
        raw = msgspec.json.encode({"sent_at": sent_at, "batch": [msgspec.Raw(raw)]})
    try:
        return decode(raw)
    except (NoBatchError, TooManyError) as error:
        raise _StillRefusedError(row.code) from error


def _events(batch: Batch, sender: Sender, at: datetime) -> int:
    ensure_learners([event.learner for _, event in batch.events], now=at)
    came = take(batch, sender=sender, now=at)
    if came.quarantined:
        raise _StillRefusedError(came.errors[0]["code"])
    return came.accepted


def _unmapped(row: Quarantine, raw: bytes, sender: Sender, at: datetime) -> int:
    came = keep.take_again(msgspec.json.decode(raw), sender=sender, now=at)
    if came is None:
        raise _StillRefusedError(row.code)
    if came.quarantined:
        raise _StillRefusedError(came.errors[0]["code"])
    return came.accepted


def _statements(row: Quarantine, raw: bytes, sender: Sender, at: datetime) -> int:
    form = msgspec.json.decode(row.form, type=arrived.Form)
    store = row.source.profile == Source.Profile.STORE
    try:
        sent = arrived.read(
            raw,
            form.content_type,
            version=form.version,
            authority=row.source.name,
            whole=store,
            now=at,
            only_id=form.only_id,
        )
    except InvalidError as error:
        raise _StillRefusedError(row.code) from error
    return keep.keep(sent, sender=sender, store=store, now=at).fresh
