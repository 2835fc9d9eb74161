"""L1: how does what waited on disk reach the store? In order, once, with consent as it is now.

Each record is one transaction, together with a row that says how far its segment is stored: a
crash between the commit and the removal of the file stores nothing twice, not even a refusal.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from signals import sealing
from signals.capture import quarantine
from signals.capture.contract import decode
from signals.capture.intake import take
from signals.capture.spool import away, card, files
from signals.capture.spool.away import GONE
from signals.capture.spool.records import BATCH, Record, unpacked
from signals.capture.xapi import arrived, keep
from signals.models import SpoolProgress
from signals.models.statements import run
from signals.privacy import gpc
from signals.privacy.identity import ensure_learners

TRIES = 3  # of a record whose transaction met a deadlock

log = logging.getLogger(__name__)

_CLAIM = """
INSERT INTO signals_spoolprogress AS p (segment, records, at) VALUES (%b, %b, %b)
ON CONFLICT (segment) DO UPDATE SET records = excluded.records, at = excluded.at
WHERE p.records < excluded.records
RETURNING records
"""


@dataclass(slots=True)
class Drained:
    """What came of a drain."""

    records: int = 0
    events: int = 0  # events and statements that were stored
    refused: int = 0  # requests that fit no more, set aside whole
    broken: int = 0  # parts of a segment that are no record: cut off while being written
    expired: int = 0  # segments whose key was destroyed
    waiting: int = 0  # bytes that are left


def drain(*, now: datetime) -> Drained:
    """Store what waits on this node, unless another process is doing so.

    Raises django.db.Error where PostgreSQL is away (again); what is stored by then is not lost.
    """
    drained = Drained()
    folder = card.folder()
    with files.only_drainer(folder) as alone:
        if alone:
            for path in files.segments(folder):
                _drain_segment(path, drained, now=now)
    drained.waiting = files.size(folder)
    return drained


def purge(now: datetime) -> int:
    """Remove segments whose key was destroyed after its days, and marks of files long gone."""
    oldest: date = now.date() - timedelta(days=sealing.DAY_KEY_DAYS)
    expired = [path for path in files.segments(card.folder()) if files.day_of(path) < oldest]
    for path in expired:
        files.remove(path)
    SpoolProgress.objects.filter(at__lt=now - timedelta(days=sealing.DAY_KEY_DAYS)).delete()
    return len(expired)


def _drain_segment(path: Path, drained: Drained, *, now: datetime) -> None:
    with files.taken(path) as content:
        day = files.day_of(path)
        try:
            cipher = sealing.existing_day_cipher(day)
        except sealing.KeyGoneError as error:
            log.error("%s waited too long and can not be read any more: %s", path.name, error)  # noqa: TRY400  the reason is the message
            drained.expired += 1
        else:
            for number, sealed in enumerate(files.records(content), start=1):
                _drain_record(path.name, number, _opened(cipher, day, sealed), drained, now=now)
        files.remove(path)
    SpoolProgress.objects.filter(segment=path.name).delete()


def _opened(cipher: AESGCM, day: date, sealed: bytes | None) -> Record | None:
    if sealed is None:
        return None
    try:
        return unpacked(sealing.open_for_day(cipher, day, sealed))
    except (sealing.KeyGoneError, ValueError):
        return None


def _drain_record(
    segment: str, number: int, record: Record | None, drained: Drained, *, now: datetime
) -> None:
    if record is None:
        log.warning("%s: record %d is not whole; nobody was told it is kept", segment, number)
        drained.broken += 1
        return
    for attempt in range(TRIES):
        try:
            stored = _once(segment, number, record, now=now)
            break
        except GONE as error:
            if attempt == TRIES - 1 or not away.may_pass(error):
                raise
            connection.close()
        except Exception:
            log.exception("%s: record %d cannot be stored; it is set aside", segment, number)
            stored = _set_aside(segment, number, record, now=now)
            drained.refused += 1
            break
    drained.records += stored is not None
    drained.events += stored or 0


def _once(segment: str, number: int, record: Record, *, now: datetime) -> int | None:
    """Store a record unless it is stored; return how much of it was new, None when it was."""
    stored = _storing(record)
    with transaction.atomic():
        if run(_CLAIM, [segment, number, now]).fetchone() is None:
            return None
        return stored()


def _set_aside(segment: str, number: int, record: Record, *, now: datetime) -> int | None:
    with transaction.atomic():
        if run(_CLAIM, [segment, number, now]).fetchone() is None:
            return None
        quarantine.keep_body(
            record.body,
            source_id=record.source_id,
            code="spool_refused",
            detail="It waited while the event store was away, and could not be stored after that.",
            now=record.received_at,
        )
    return 0


def _storing(record: Record) -> Callable[[], int]:
    """Return what stores a record; learners are made first, while no lock is held."""
    if record.gpc and record.only_learner is not None:
        gpc.honour(record.only_learner, at=record.received_at)
    return _batch(record) if record.door == BATCH else _statements(record)


def _batch(record: Record) -> Callable[[], int]:
    at = record.received_at
    batch = decode(record.body)
    if record.only_learner is None:
        ensure_learners([event.learner for _, event in batch.events], now=at)
    return lambda: take(batch, sender=record.sender, now=at).accepted


def _statements(record: Record) -> Callable[[], int]:
    sent = arrived.read(
        record.body,
        record.content_type,
        version=record.version,
        authority=record.source,
        whole=record.store,
        now=record.received_at,
        only_id=record.only_id,
    )
    return lambda: (
        keep.keep(sent, sender=record.sender, store=record.store, now=record.received_at).fresh
    )
