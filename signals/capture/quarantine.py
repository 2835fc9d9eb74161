"""L1: where does refused input go? Sealed under the key of its day, with its reason, 30 days."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signals import sealing
from signals.capture.contract import Refusal
from signals.kinds.registry import VERSION
from signals.models import Quarantine

DETAIL_LENGTH = 300
LARGEST = 256 * 1024  # bytes kept of a refused body

_ciphers: dict[date, AESGCM] = {}
_lock = threading.Lock()


def forget_cached() -> None:
    """Read day keys again."""
    _ciphers.clear()


def rows(refused: Sequence[Refusal], *, source_id: int, now: datetime) -> list[Quarantine]:
    """Return sealed rows for refused events, to be stored with the rest of their batch."""
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
            sealed=sealing.seal_for_day(cipher, day, refusal.raw[:LARGEST]),
        )
        for refusal in refused
    ]


def keep_body(body: bytes, *, source_id: int, code: str, detail: str, now: datetime) -> None:
    """Keep a body that is no batch at all."""
    store([Refusal(-1, code, detail, body)], source_id=source_id, now=now)


def store(refused: Sequence[Refusal], *, source_id: int, now: datetime) -> None:
    """Keep refused events in a transaction of their own."""
    Quarantine.objects.bulk_create(rows(refused, source_id=source_id, now=now))


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
