"""L1: are two statements the same? Keyed digests of what a statement says, and ids made of them."""

import re
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec

from signals import sealing
from signals.capture.xapi.statements import Json, part
from signals.capture.xapi.valid.values import moment

DIGEST_BYTES = 16
# What a server adds, and what describes rather than says (2.3.1.3 of the specification).
_NOT_COMPARED = frozenset({"id", "stored", "authority", "version", "timestamp"})
_DESCRIBING = frozenset({"display", "definition", "name"})
_FINER = re.compile(r"([.,]\d\d)\d*S$")  # than a hundredth of a second, in a duration
_IDENTIFYING = ("actor", "verb", "object", "result")


def digest(body: Json) -> bytes:
    """Return a keyed digest that is equal for statements that say the same."""
    said = {name: value for name, value in body.items() if name not in _NOT_COMPARED}
    return _keyed(_plain(said), _moment_of(body))


def made_id(body: Json, authority: str, *, whole: bool) -> UUID:
    """Return the id of a statement that came without: the same for the same deed.

    Of authority, actor, verb, object, result, timestamp and registration, or of all of it where
    the whole statement is kept. Where events alone are kept, a sender that gives neither id nor
    timestamp cannot be told from its own retry.
    """
    if whole:
        return UUID(bytes=_keyed([authority, digest(body)], None), version=4)
    said = {name: body.get(name) for name in _IDENTIFYING}
    registration = part(body, "context", "registration")
    made = _keyed([authority, said, registration], _moment_of(body))
    return UUID(bytes=made, version=4)


def _moment_of(body: Json) -> datetime | None:
    return moment(body["timestamp"], "$.timestamp") if "timestamp" in body else None


def _plain(value: object, inside: str = "") -> object:
    """Return what a value says: without descriptions, whole numbers as such."""
    if isinstance(value, dict):
        skipped = frozenset[str]() if inside in ("extensions", "account") else _DESCRIBING
        return {
            name: _plain(part, inside if inside == "extensions" else name)
            for name, part in value.items()
            if name not in skipped
        }
    if isinstance(value, list):
        return [_plain(part, inside if inside == "extensions" else "") for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if inside == "duration" and isinstance(value, str):
        return _FINER.sub(r"\1S", value)
    return value


def _keyed(said: object, at: datetime | None) -> bytes:
    encoded = msgspec.json.encode([said, at], order="sorted")
    return blake2b(encoded, digest_size=DIGEST_BYTES, key=sealing.statement_key()).digest()
