"""L1: what must a node know to take events while both databases are away? One small sealed file.

Who may send (digests of keys), what each source keeps, and the keys of today and tomorrow as the
keys database holds them, wrapped. It is rewritten every ten seconds, so that no key stays in it
longer than its day, and it is sealed once more under the master key.
"""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from time import time

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from signals import sealing
from signals.models import ApiKey, Source

EVERY_S = 10.0
KEYS_HOLD_S = 900.0  # a key revoked while nothing is written here is let in no longer than this
NAME = "node.card"
FORMAT = 1
DAYS_AHEAD = 2  # an outage over two midnights is still sealed by a key of its day


class Key(msgspec.Struct, frozen=True):
    """A key in force, as it can be checked without a database."""

    source_id: int
    name: str
    scopes: list[str]
    expires_at: datetime


class Card(msgspec.Struct, frozen=True):
    """What a node wrote down last."""

    format: int
    written_at: float
    keys: dict[str, Key]  # by SHA-256 of the clear key
    stores: dict[int, bool]  # source -> whether it keeps whole statements
    sources: dict[str, int]
    day_keys: dict[date, bytes]  # wrapped, as in the keys database

    @property
    def keys_hold(self) -> bool:
        """Say whether it was written lately enough for keys to be checked by it."""
        return time() - self.written_at < KEYS_HOLD_S

    def cipher(self, today: date) -> tuple[date, AESGCM] | None:
        """Return today's key, else the newest before; None where there is none."""
        days = [day for day in self.day_keys if day <= today]
        if not days:
            return None
        day = max(days)
        return day, sealing.unwrap_day_key(day, self.day_keys[day])


_held: tuple[tuple[int, int], Card] | None = None


def folder() -> Path:
    """Return where this node's spool lies."""
    return Path(settings.SPOOL_DIR)


def write_when_due(*, now: datetime) -> bool:
    """Write the card unless a process of this node did so lately.

    Raises OSError, and django.db.Error where a database is away.
    """
    try:
        age_s = time() - (folder() / NAME).stat().st_mtime
    except FileNotFoundError:
        age_s = EVERY_S
    if 0 <= age_s < EVERY_S:
        return False
    write(now=now)
    return True


def write(*, now: datetime) -> None:
    """Write the card. Raises OSError, and django.db.Error where a database is away."""
    rows = ApiKey.objects.select_related("source").filter(
        revoked_at=None, source__active=True, expires_at__gt=now
    )
    keys = {
        bytes(row.digest).hex(): Key(row.source_id, row.source.name, row.scopes, row.expires_at)
        for row in rows
    }
    sources = list(Source.objects.values_list("pk", "name", "profile"))
    today = now.date()
    card = Card(
        format=FORMAT,
        written_at=time(),
        keys=keys,
        stores={pk: profile == Source.Profile.STORE for pk, _, profile in sources},
        sources={name: pk for pk, name, _ in sources},
        day_keys=sealing.wrapped_day_keys(
            [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]
        ),
    )
    _replace(sealing.seal_for_node(msgspec.msgpack.encode(card)))


def read() -> Card | None:
    """Return the node's card, None where there is none that this code can read."""
    global _held
    try:
        status = (folder() / NAME).stat()
        stamp = (status.st_ino, status.st_mtime_ns)
        if _held is None or _held[0] != stamp:
            opened = sealing.open_for_node((folder() / NAME).read_bytes())
            _held = (stamp, msgspec.msgpack.decode(opened, type=Card))
    except (OSError, ValueError, InvalidTag):
        return None
    return _held[1] if _held[1].format == FORMAT else None


def _replace(content: bytes) -> None:
    final = folder() / NAME
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = final.with_name(f"{NAME}.{os.getpid()}")
    try:
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.rename(final)
    except OSError:  # a full disk: the card written last still holds
        unfinished.unlink(missing_ok=True)
        raise
