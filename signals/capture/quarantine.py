"""L1: where does refused input go? Sealed under the key of its day, with its reason, 30 days."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from signals import sealing
from signals.capture.contract import Refusal
from signals.capture.names import holds_text, names_if_json, names_in, without, words_in
from signals.kinds.registry import VERSION
from signals.models import Quarantine
from signals.privacy import gate
from signals.privacy.identity import find_learners

DETAIL_LENGTH = 300
CHUNK = 200  # rows whose bodies are in memory at once


@dataclass(frozen=True, slots=True)
class Whole:
    """By which door a whole body came, and what besides its bytes says how to read it."""

    door: str = ""
    form: str = ""


NO_FORM = Whole()

_ciphers: dict[date, AESGCM] = {}
_lock = threading.Lock()


def forget_cached() -> None:
    """Read day keys again."""
    _ciphers.clear()


def rows(
    refused: Sequence[Refusal],
    *,
    source_id: int,
    now: datetime,
    sent_at: datetime | None = None,
    whole: Whole | None = None,
) -> list[Quarantine]:
    """Return sealed rows for refused events, to be stored with the rest of their batch.

    What names somebody erased is left out.
    """
    if not refused:
        return []
    day = now.date()
    cipher = _cipher(day)
    return [
        Quarantine(
            received_at=now,
            source_id=source_id,
            code=refusal.code,
            detail=refusal.detail[:DETAIL_LENGTH],
            contract_version=VERSION,
            whole_body=refusal.index < 0,
            day=day,
            sealed=sealing.seal_for_day(cipher, day, raw),
            sent_at=sent_at,
            door=whole.door if whole else "",
            form=whole.form if whole else "",
            mark=mark_of(name) if name else None,
        )
        for refusal, raw, name in _without_erased(refused)
    ]


def _without_erased(refused: Sequence[Refusal]) -> Iterator[tuple[Refusal, bytes, str]]:
    """Yield refusals with what may be kept of them, and the one learner they are about."""
    named = [names_if_json(refusal.raw) for refusal in refused]
    asked = [
        words_in(refusal.raw) if names is None else names
        for refusal, names in zip(refused, named, strict=True)
    ]
    erased = find_learners(sorted(set().union(*asked))).erased
    for refusal, names, words in zip(refused, named, asked, strict=True):
        raw: bytes | None = refusal.raw
        if words & erased:
            raw = None if names is None else without(refusal.raw, erased)
        if raw is not None:
            about_one = refusal.index >= 0 and names is not None and len(names) == 1
            yield refusal, raw, next(iter(names)) if about_one and names else ""


def mark_of(external_id: str) -> int:
    """Return the keyed number under which refused events of a learner are found again."""
    return int.from_bytes(sealing.lookup(external_id)[:8], signed=True)


def keep_body(
    body: bytes,
    *,
    source_id: int,
    code: str,
    detail: str,
    now: datetime,
    whole: Whole = NO_FORM,
) -> None:
    """Keep a body that is no batch at all."""
    store([Refusal(-1, code, detail, body)], source_id=source_id, now=now, whole=whole)


def store(
    refused: Sequence[Refusal], *, source_id: int, now: datetime, whole: Whole | None = None
) -> None:
    """Keep refused events in a transaction of their own."""
    with transaction.atomic():
        gate.hold_off()  # else somebody is erased between the look at tombstones and the row
        Quarantine.objects.bulk_create(rows(refused, source_id=source_id, now=now, whole=whole))


def opened(row: Quarantine) -> bytes:
    """Return what was sent; KeyGoneError when its day's key was destroyed."""
    return sealing.unseal_for_day(row.day, bytes(row.sealed))


def purge(now: datetime) -> int:
    """Destroy day keys older than 30 days, and the rows nobody can read any more."""
    sealing.destroy_day_keys(now)
    forget_cached()
    oldest = now.date() - timedelta(days=sealing.DAY_KEY_DAYS)
    return Quarantine.objects.filter(day__lt=oldest).delete()[0]


def _cipher(day: date) -> AESGCM:
    cipher = _ciphers.get(day)
    if cipher is None:
        cipher = sealing.day_cipher(day)
        with _lock:
            _ciphers.clear()
            _ciphers[day] = cipher
    return cipher


class _Opener:
    """Opens many rows, reading the key of each day once."""

    def __init__(self) -> None:
        self._held: dict[date, AESGCM | None] = {}

    def open(self, row: Quarantine) -> bytes | None:
        """Return what was sent; None where nobody can read it any more."""
        cipher = self._of(row.day)
        if cipher is None:
            return None
        try:
            return sealing.open_for_day(cipher, row.day, bytes(row.sealed))
        except sealing.KeyGoneError:
            return None

    def _of(self, day: date) -> AESGCM | None:
        if day not in self._held:
            try:
                self._held[day] = sealing.existing_day_cipher(day)
            except sealing.KeyGoneError:
                self._held[day] = None
        return self._held[day]


def forget(external_id: str) -> int:
    """Delete what was refused of a learner; return how many rows it was in.

    Events are found by their mark. What names several learners has none and is opened: the rest
    of it is kept.
    """
    touched = Quarantine.objects.filter(mark=mark_of(external_id)).delete()[0]
    opener = _Opener()
    for row in Quarantine.objects.filter(mark=None).iterator(CHUNK):
        raw = opener.open(row)
        touched += raw is not None and _forget_in(row, raw, external_id)
    return touched


def _forget_in(row: Quarantine, raw: bytes, external_id: str) -> bool:
    rest = without(raw, {external_id}) if external_id in names_in(raw) else raw
    if rest is not None and holds_text(rest, external_id):
        rest = None
    return _replace(row, raw, rest)


def _replace(row: Quarantine, raw: bytes, rest: bytes | None) -> bool:
    """Keep the rest of a body; None where nothing is left. Says whether that changed anything."""
    if rest is raw:
        return False
    if rest is None:
        row.delete()
    else:
        row.sealed = sealing.seal_for_day(sealing.existing_day_cipher(row.day), row.day, rest)
        row.save(update_fields=["sealed"])
    return True


def sweep(since: datetime | None, until: datetime) -> int:
    """Delete what is kept of anybody with a tombstone; return how many rows it was in.

    What was under way during an erasure came in since a while ago. After a restore (`since` is
    None) everything is looked at, and what cannot be read and came before the newest erasure,
    `until`, may name anybody erased: it goes.
    """
    found = Quarantine.objects.all()
    if since is not None:
        found = found.filter(received_at__gte=since)
    opener, touched = _Opener(), 0
    for row in found.iterator(CHUNK):
        raw = opener.open(row)
        unreadable_goes = since is None and row.received_at <= until
        touched += raw is not None and _sweep(row, raw, unreadable_goes=unreadable_goes)
    return touched


def _sweep(row: Quarantine, raw: bytes, *, unreadable_goes: bool) -> bool:
    names = names_if_json(raw)
    if names is None:
        return _replace(row, raw, None if unreadable_goes else raw)
    erased = find_learners(sorted(names)).erased
    return _replace(row, raw, without(raw, erased) if erased else raw)


def count(external_id: str) -> int:
    """Return how many refused events of a learner are kept."""
    return Quarantine.objects.filter(mark=mark_of(external_id)).count()


def about(external_id: str) -> Iterator[dict[str, object]]:
    """Yield the refused events of a learner that can still be read; a day's key is read once."""
    rows = Quarantine.objects.filter(mark=mark_of(external_id)).order_by("day", "pk")
    for day, of_day in groupby(rows.iterator(chunk_size=CHUNK), key=lambda row: row.day):
        try:
            cipher = sealing.existing_day_cipher(day)
        except sealing.KeyGoneError:
            continue
        for row in of_day:
            with suppress(sealing.KeyGoneError):
                sent = sealing.open_for_day(cipher, day, bytes(row.sealed))
                yield {
                    "received_at": row.received_at.isoformat(),
                    "why": row.code,
                    "detail": row.detail,
                    "sent": sent.decode(errors="replace"),
                }
