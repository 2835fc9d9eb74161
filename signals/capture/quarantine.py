"""L1: where does refused input go? Sealed under the key of its day, with its reason, 30 days."""

import json
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signals import sealing
from signals.capture.contract import Refusal
from signals.kinds.registry import VERSION
from signals.models import Quarantine
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

    What is about somebody erased is not kept.
    """
    if not refused:
        return []
    day = now.date()
    cipher = _cipher(day)
    names = [_learner_in(refusal.raw) for refusal in refused]
    erased = find_learners(sorted({name for name in names if name})).erased
    return [
        Quarantine(
            received_at=now,
            source_id=source_id,
            code=refusal.code,
            detail=refusal.detail[:DETAIL_LENGTH],
            contract_version=VERSION,
            whole_body=refusal.index < 0,
            day=day,
            sealed=sealing.seal_for_day(cipher, day, refusal.raw),
            sent_at=sent_at,
            door=whole.door if whole else "",
            form=whole.form if whole else "",
            mark=mark_of(name) if name else None,
        )
        for refusal, name in zip(refused, names, strict=True)
        if name not in erased
    ]


class _About(msgspec.Struct):
    learner: str = ""


_about = msgspec.json.Decoder(_About)


def _learner_in(raw: bytes) -> str:
    try:
        return _about.decode(raw).learner
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


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


def forget(external_id: str) -> int:
    """Delete what was refused of a learner; return how many rows.

    Events are found by their mark. A body that names many learners has none, and is opened.
    """
    marked = Quarantine.objects.filter(mark=mark_of(external_id)).delete()[0]
    unmarked = Quarantine.objects.filter(mark=None).iterator(CHUNK)
    naming = [row.pk for row in unmarked if _names(row, external_id)]
    return marked + Quarantine.objects.filter(pk__in=naming).delete()[0]


def about(external_id: str) -> list[dict[str, object]]:
    """Return the refused events of a learner that can still be read."""
    found: list[dict[str, object]] = []
    for row in Quarantine.objects.filter(mark=mark_of(external_id)).order_by("pk"):
        with suppress(sealing.KeyGoneError):
            sent = opened(row).decode(errors="replace")
            found.append(
                {"received_at": row.received_at.isoformat(), "why": row.code, "sent": sent}
            )
    return found


def _names(row: Quarantine, external_id: str) -> bool:
    """Say whether a body names somebody; a name may be written in JSON in several ways."""
    try:
        raw = opened(row)
    except sealing.KeyGoneError:
        return False  # nobody can read it any more
    if external_id.encode() in raw:
        return True
    try:
        return _holds(msgspec.json.decode(raw), external_id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ascii_json(external_id) in raw.lower()


def ascii_json(text: str) -> bytes:
    """Return a text as JSON writes it in ASCII alone, in lower case, without its quotes."""
    return json.dumps(text)[1:-1].lower().encode()


def _holds(value: object, text: str) -> bool:
    if isinstance(value, str):
        return text in value
    if isinstance(value, dict):
        return any(_holds(part, text) for part in value.values())
    return isinstance(value, list) and any(_holds(part, text) for part in value)
