"""L1: does the ledger still hold what it held, even if somebody cut or rewrote all of it?

Once a day the head of the chain is written to a file outside the database: one line of JSON, signed
with Ed25519, that also covers the line before it. Who has the database and the master key can make
a chain that fits; not one that fits the lines that were signed before. What is signed can be
checked with the public key alone. A file that lost its last lines says less, so copy it to a place
where nothing is overwritten.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from signals import ledger
from signals.ledger import LedgerBrokenError

FIRST = "0" * 64  # what the first line follows
KEY_MINIMUM = 32  # characters
SIGNED_FOR = b"northway ledger anchor:"


class AnchorKeyError(RuntimeError):
    """There is no key to sign anchors with, or to check them."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain at a moment, as it was signed."""

    at: str  # ISO 8601, UTC
    entries: int
    head: str  # digest of the last entry, hexadecimal
    follows: str  # SHA-256 of the line before
    restored: str = ""  # why later entries that were anchored are gone: a restore from a backup


@dataclass(frozen=True, slots=True)
class Verified:
    """What holds: how many entries, and up to which anchor."""

    entries: int
    anchors: int
    last: Anchor | None


def verify() -> Verified:
    """Recompute the chain and hold it against every anchor. Raises LedgerBrokenError.

    Without a key only the chain is recomputed.
    """
    lines = _lines(settings.LEDGER_ANCHOR_FILE) if settings.LEDGER_ANCHOR_KEY else []
    return _verified(_anchors(lines))


def anchor(*, now: datetime, restored: str = "") -> Anchor:
    """Check everything, then sign the head of the chain and append it to the file.

    An anchor is only made of a chain that holds. `restored` is a reason: anchors beyond the entries
    there are now were of what a restore from a backup lost, and count no more. One for the same
    head on the same day is not made twice.

    Raises LedgerBrokenError, AnchorKeyError, OSError.
    """
    key, path = _key(), Path(settings.LEDGER_ANCHOR_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # one at a time, so that each follows the one before
        lines = file.read().splitlines()
        known = _anchors(lines)
        head = ledger.verify(None if restored else _digests(known))
        if restored:
            ledger.verify(_digests(known, upto=head.entries))
        last = known[-1] if known else None
        at = now.astimezone(UTC).isoformat(timespec="seconds")
        new = Anchor(at, head.entries, head.digest.hex(), _follows(lines), restored)
        if last is not None and not restored and _same(last, new):
            return last
        file.write(_line(new, key) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return new


def newest() -> Anchor | None:
    """Return the last anchor in the file, unchecked; None before the first."""
    lines = _lines(settings.LEDGER_ANCHOR_FILE)
    return _read(lines[-1], len(lines))[0] if lines else None


def public_key() -> str:
    """Return the public key anchors are checked with, hexadecimal. Raises AnchorKeyError."""
    raw = _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return raw.hex()


def _verified(anchors: list[Anchor]) -> Verified:
    head = ledger.verify(_digests(anchors))
    return Verified(head.entries, len(anchors), anchors[-1] if anchors else None)


def _anchors(lines: Iterable[str]) -> list[Anchor]:
    """Return the anchors of a file. Raises LedgerBrokenError for a line that is not ours."""
    lines = list(lines)
    found: list[Anchor] = []
    for number, line in enumerate(lines, start=1):
        made, signature = _read(line, number)
        try:
            _key().public_key().verify(signature, _covered(made))
        except InvalidSignature as error:
            raise _untrue(made.entries, number, "was not signed here") from error
        if made.follows != _follows(lines[: number - 1]):
            raise _untrue(made.entries, number, "does not follow the line before it")
        found.append(made)
    return found


def _digests(anchors: Iterable[Anchor], *, upto: int | None = None) -> Mapping[int, bytes]:
    """Return what the chain has to hold, by sequence; what a restore lost is left out."""
    known: dict[int, bytes] = {}
    for made in anchors:
        if made.restored:
            known = {entries: head for entries, head in known.items() if entries <= made.entries}
        if made.entries:
            known[made.entries] = bytes.fromhex(made.head)
    return {n: head for n, head in known.items() if upto is None or n <= upto}


def _read(line: str, number: int) -> tuple[Anchor, bytes]:
    try:
        said = json.loads(line)
        signature = bytes.fromhex(said.pop("signature"))
        made = Anchor(**said)
        bytes.fromhex(made.head)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _untrue(0, number, "cannot be read") from error
    return made, signature


def _line(made: Anchor, key: Ed25519PrivateKey) -> str:
    return ledger.canonical({**asdict(made), "signature": key.sign(_covered(made)).hex()})


def _covered(made: Anchor) -> bytes:
    return SIGNED_FOR + ledger.canonical(asdict(made)).encode()


def _follows(lines: list[str]) -> str:
    return sha256(lines[-1].encode()).hexdigest() if lines else FIRST


def _same(last: Anchor, new: Anchor) -> bool:
    return (last.head, last.at[:10]) == (new.head, new.at[:10])


def _untrue(entries: int, number: int, why: str) -> LedgerBrokenError:
    return LedgerBrokenError(max(entries, 1), f"line {number} of the file of anchors {why}")


def _lines(path: Path) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _key() -> Ed25519PrivateKey:
    said = settings.LEDGER_ANCHOR_KEY
    if len(said) < KEY_MINIMUM:
        raise AnchorKeyError(
            f"Set LEDGER_ANCHOR_KEY to {KEY_MINIMUM} characters or more; see docs/configuration.md."
        )
    kdf = HKDF(algorithm=SHA256(), length=32, salt=b"northway", info=b"ledger anchors")
    return Ed25519PrivateKey.from_private_bytes(kdf.derive(said.encode()))


@register(Tags.security, deploy=True)
def check_key(**_options: object) -> list[CheckMessage]:
    """Say where nothing is anchored: then a cut tail of the ledger goes unseen."""
    if len(settings.LEDGER_ANCHOR_KEY) >= KEY_MINIMUM:
        return []
    return [
        Warning(
            "The head of the ledger is not anchored: LEDGER_ANCHOR_KEY is not set.",
            hint="Set it, and LEDGER_ANCHOR_FILE to a folder no database backup covers.",
            id="signals.W010",
        )
    ]
