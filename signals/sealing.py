"""L1: who can read what names a learner? Only who holds that learner's data key.

The master key makes six others (HKDF): one that seals data keys, and one each for the lookup of
external ids, tombstones, session ids, ids of lists and the ledger. Data keys and day keys live in
the database "keys", whose backups expire, so that destroying a key destroys what it seals in every
backup.
"""

import hmac
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b, sha256
from time import monotonic
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from signals.models import DataKey, DayKey
from signals.models.statements import run

KEYS = "keys"
KEY_BYTES = 32
NONCE_BYTES = 12
CACHED_KEYS = 4096
CACHED_FOR_S = 60.0  # a key destroyed by another process is forgotten here within this time
DAY_KEY_DAYS = 30
MASTER_KEY_MINIMUM = 32  # characters
STATEMENT_ROWS = 10_000

_ADD_KEYS = """
INSERT INTO signals_datakey (learner_id, sealed) SELECT * FROM unnest(%b::bigint[], %b::bytea[])
"""
IN_KEYS = frozenset({"signals.datakey", "signals.daykey", "signals.erasedlearner"})


class KeysRouter:
    """Sends data keys and day keys to the database "keys", and nothing else."""

    def db_for_read(self, model: type[Any], **_hints: object) -> str | None:
        """Name the database a model is read from."""
        return KEYS if model._meta.label_lower in IN_KEYS else None

    def db_for_write(self, model: type[Any], **hints: object) -> str | None:
        """Name the database a model is written to."""
        return self.db_for_read(model, **hints)

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **_hints: object
    ) -> bool:
        """Let these tables into "keys" alone, everything else into the others."""
        is_key = f"{app_label}.{(model_name or '').lower()}" in IN_KEYS
        return is_key == (db == KEYS)


class KeyGoneError(LookupError):
    """The data key was destroyed: what it sealed cannot be read any more."""


@lru_cache(maxsize=16)
def _derived(master: str, label: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=b"northway", info=label.encode())
    return kdf.derive(master.encode())


def _secret(label: str) -> bytes:
    return _derived(settings.MASTER_KEY, label)


def lookup(external_id: str) -> bytes:
    """Return the keyed hash under which an external id is found."""
    return hmac.digest(_secret("lookup"), external_id.encode(), sha256)


def tombstone(external_id: str) -> bytes:
    """Return the keyed hash under which an erased external id is remembered."""
    return hmac.digest(_secret("tombstone"), external_id.encode(), sha256)


def request_key() -> bytes:
    """Return the key that ties the id of a list to its learner."""
    return _secret("request ids")


def ledger_key() -> bytes:
    """Return the key under which the ledger is chained: who has only SQL cannot make a chain."""
    return _secret("ledger")


def statement_key() -> bytes:
    """Return the key of digests and search tokens of xAPI statements."""
    return _secret("statements")


def account_name(name: str) -> str:
    """Return the keyed hash under which the name of an account is found, in hexadecimal."""
    return hmac.digest(_secret("account names"), name.encode(), sha256).hex()


def staff_cipher() -> AESGCM:
    """Return the cipher of names of accounts that are no learner's."""
    return AESGCM(_secret("staff names"))


def outside_name(issuer: str, subject: str) -> bytes:
    """Return the keyed hash under which somebody of an OpenID provider is found."""
    said = f"{len(issuer)}:{issuer}{subject}".encode()
    return hmac.digest(_secret("outside names"), said, sha256)


def recovery_code(account_id: int, code: str) -> bytes:
    """Return the keyed hash under which a recovery code of an account is kept."""
    return hmac.digest(_secret("recovery codes"), f"{account_id} {code}".encode(), sha256)


def factor_cipher() -> AESGCM:
    """Return the cipher of the secrets of second steps."""
    return AESGCM(_secret("second factors"))


def document_cipher() -> AESGCM:
    """Return the cipher of documents that are nobody's: profiles of activities."""
    return AESGCM(_secret("documents"))


def session_numbers(sessions: Iterable[str], source_id: int) -> dict[str, int]:
    """Return a keyed 64-bit number for each session id of a source; the ids are not kept."""
    started = blake2b(b"%d:" % source_id, digest_size=8, key=_secret("session"))
    numbers: dict[str, int] = {}
    for name in set(sessions):
        keyed = started.copy()
        keyed.update(name.encode())
        numbers[name] = int.from_bytes(keyed.digest(), signed=True)
    return numbers


def _encrypt(cipher: AESGCM, data: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, bound_to)


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)


@lru_cache(maxsize=4)
def _wrapping(master: str) -> AESGCM:
    return AESGCM(_derived(master, "data keys"))


class _KeyCache:
    """The data keys used last, each for a minute at most."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[float, AESGCM]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, learner_id: int) -> AESGCM | None:
        with self._lock:
            entry = self._held.get(learner_id)
            if entry is None or entry[0] < monotonic():
                return None
            self._held.move_to_end(learner_id)
            return entry[1]

    def put(self, keys: Mapping[int, AESGCM]) -> None:
        until = monotonic() + CACHED_FOR_S
        with self._lock:
            self._held.update((learner_id, (until, key)) for learner_id, key in keys.items())
            while len(self._held) > CACHED_KEYS:
                self._held.popitem(last=False)

    def drop(self, learner_ids: Iterable[int]) -> None:
        with self._lock:
            for learner_id in learner_ids:
                self._held.pop(learner_id, None)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()


_cache = _KeyCache()


def forget_cached() -> None:
    """Empty this process's cache of data keys."""
    _cache.clear()


def create_keys(learner_ids: Sequence[int]) -> dict[int, AESGCM]:
    """Make and store a data key for each new learner, in a statement per 10,000."""
    wrapping = _wrapping(settings.MASTER_KEY)
    ciphers: dict[int, AESGCM] = {}
    sealed: list[bytes] = []
    for learner_id in learner_ids:
        key = os.urandom(KEY_BYTES)
        ciphers[learner_id] = AESGCM(key)
        sealed.append(_encrypt(wrapping, key, b"data key %d" % learner_id))
    for start in range(0, len(sealed), STATEMENT_ROWS):
        part = slice(start, start + STATEMENT_ROWS)
        run(_ADD_KEYS, [list(learner_ids[part]), sealed[part]], using=KEYS)
    _cache.put(ciphers)
    return ciphers


def data_keys(learner_ids: Iterable[int]) -> dict[int, AESGCM]:
    """Return the data keys that exist, reading what is not cached in one statement."""
    found: dict[int, AESGCM] = {}
    missing: list[int] = []
    for learner_id in set(learner_ids):
        cipher = _cache.get(learner_id)
        if cipher is None:
            missing.append(learner_id)
        else:
            found[learner_id] = cipher
    if missing:
        wrapping = _wrapping(settings.MASTER_KEY)
        rows = DataKey.objects.filter(learner_id__in=missing).values_list("learner_id", "sealed")
        read = {
            learner_id: AESGCM(_decrypt(wrapping, bytes(sealed), b"data key %d" % learner_id))
            for learner_id, sealed in rows
        }
        _cache.put(read)
        found |= read
    return found


def destroy_keys(learner_ids: Sequence[int]) -> int:
    """Destroy data keys for good; return how many there were."""
    _cache.drop(learner_ids)
    return DataKey.objects.filter(learner_id__in=learner_ids).delete()[0]


def seal_with(cipher: AESGCM, learner_id: int, data: bytes, *, use: str) -> bytes:
    """Seal under a data key already at hand; `use` must be the same when it is opened."""
    return _encrypt(cipher, data, f"{use} {learner_id}".encode())


def open_with(cipher: AESGCM, learner_id: int, sealed: bytes, *, use: str) -> bytes:
    """Open what `seal_with` closed; raise KeyGoneError when the key does not fit."""
    try:
        return _decrypt(cipher, sealed, f"{use} {learner_id}".encode())
    except InvalidTag as error:
        raise KeyGoneError(f"learner {learner_id}: not sealed by the key held now") from error


def seal(learner_id: int, data: bytes, *, use: str) -> bytes:
    """Seal under a learner's data key; raise KeyGoneError when there is none."""
    return seal_with(_existing(learner_id), learner_id, data, use=use)


def unseal(learner_id: int, sealed: bytes, *, use: str) -> bytes:
    """Open what `seal` closed; raise KeyGoneError when the key is gone or does not fit."""
    try:
        return _decrypt(_existing(learner_id), bytes(sealed), f"{use} {learner_id}".encode())
    except InvalidTag as error:
        raise KeyGoneError(f"learner {learner_id}: not sealed by the key held now") from error


def unseal_many(sealed: Iterable[tuple[int, bytes]], *, use: str = "text") -> list[bytes | None]:
    """Open many (learner_id, sealed) in one statement; None where the key is gone or does not fit.

    One damaged row must not stop a job that reads thousands.
    """
    pairs = list(sealed)
    keys = data_keys(learner_id for learner_id, _ in pairs)
    return [_opened(keys.get(learner_id), learner_id, text, use) for learner_id, text in pairs]


def _opened(key: AESGCM | None, learner_id: int, text: bytes, use: str) -> bytes | None:
    if key is None:
        return None
    try:
        return _decrypt(key, bytes(text), f"{use} {learner_id}".encode())
    except InvalidTag:
        return None


def _existing(learner_id: int) -> AESGCM:
    cipher = data_keys([learner_id]).get(learner_id)
    if cipher is None:
        raise KeyGoneError(f"learner {learner_id} has no data key; it was destroyed by erasure")
    return cipher


def day_cipher(day: date) -> AESGCM:
    """Return the key of one day, making it on first use; two processes get the same one."""
    return unwrap_day_key(day, wrapped_day_keys([day])[day])


def wrapped_day_keys(days: Sequence[date]) -> dict[date, bytes]:
    """Return the keys of days as they are stored, sealed under the master key; made on first use.

    A node keeps those of today and the next days, so that it can seal while they cannot be read.
    """
    rows = DayKey.objects.filter(day__in=days)
    found = {row.day: bytes(row.sealed) for row in rows}
    missing = [day for day in days if day not in found]
    if missing:
        wrapping = _wrapping(settings.MASTER_KEY)
        DayKey.objects.bulk_create(
            [
                DayKey(day=day, sealed=_encrypt(wrapping, os.urandom(KEY_BYTES), _of_day(day)))
                for day in missing
            ],
            ignore_conflicts=True,
        )
        found = {row.day: bytes(row.sealed) for row in rows.all()}
    return found


def unwrap_day_key(day: date, wrapped: bytes) -> AESGCM:
    """Return the key of a day from how it is stored."""
    return AESGCM(_decrypt(_wrapping(settings.MASTER_KEY), wrapped, _of_day(day)))


def _of_day(day: date) -> bytes:
    return f"day key {day}".encode()


def existing_day_cipher(day: date) -> AESGCM:
    """Return the key of a day; raise KeyGoneError after its 30 days."""
    row = DayKey.objects.filter(day=day).first()
    if row is None:
        raise KeyGoneError(f"the key of {day} was destroyed after {DAY_KEY_DAYS} days")
    return unwrap_day_key(day, bytes(row.sealed))


def seal_for_day(cipher: AESGCM, day: date, data: bytes) -> bytes:
    """Seal under a day key already at hand."""
    return _encrypt(cipher, data, f"day {day}".encode())


def open_for_day(cipher: AESGCM, day: date, sealed: bytes) -> bytes:
    """Open what `seal_for_day` closed; raise KeyGoneError when the key does not fit."""
    try:
        return _decrypt(cipher, bytes(sealed), f"day {day}".encode())
    except InvalidTag as error:
        raise KeyGoneError(f"not sealed by the key of {day} held now") from error


def unseal_for_day(day: date, sealed: bytes) -> bytes:
    """Open what a day key sealed; raise KeyGoneError after its 30 days."""
    return open_for_day(existing_day_cipher(day), day, sealed)


def seal_for_node(data: bytes) -> bytes:
    """Seal what a node keeps on its own disk."""
    return _encrypt(AESGCM(_secret("node")), data, b"node")


def open_for_node(sealed: bytes) -> bytes:
    """Open what `seal_for_node` closed; raise InvalidTag where it is damaged or not ours."""
    return _decrypt(AESGCM(_secret("node")), sealed, b"node")


def destroy_day_keys(now: datetime) -> int:
    """Destroy the keys of days more than 30 days ago; return how many."""
    oldest = now.date() - timedelta(days=DAY_KEY_DAYS)
    return DayKey.objects.filter(day__lt=oldest).delete()[0]


@register()
def check_keys(**_options: object) -> list[CheckMessage]:
    """Refuse a short master key and a key database that is the product's own."""
    found: list[CheckMessage] = []
    if len(settings.MASTER_KEY) < MASTER_KEY_MINIMUM:
        found.append(
            Error(
                f"MASTER_KEY has {len(settings.MASTER_KEY)} characters.",
                hint=f"Set at least {MASTER_KEY_MINIMUM} random characters.",
                id="signals.E001",
            )
        )
    place = ("HOST", "PORT", "NAME")
    default, keys = (settings.DATABASES[name] for name in ("default", KEYS))
    if all(default.get(part) == keys.get(part) for part in place):
        found.append(
            Error(
                "KEYS_URL names the same database as DATABASE_URL.",
                hint="Give the keys a database of their own, with backups kept 30 days at most.",
                id="signals.E002",
            )
        )
    return found
