"""L1: where are the documents of xAPI? Sealed under their learner's key, found by keyed hashes.

One lock a document makes its writers take turns, so that If-Match means what it says.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha1
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import QuerySet

from signals import sealing
from signals.capture.problems import Problem
from signals.capture.xapi import agents
from signals.capture.xapi.multipart import JSON
from signals.capture.xapi.reading import decoded
from signals.capture.xapi.statements import Json
from signals.capture.xapi.valid.values import InvalidError
from signals.models import Document
from signals.models.statements import run
from signals.privacy.gate import storing
from signals.privacy.identity import ensure_learners

USE = "document"
NOBODY = 0  # the number under which documents without a learner are sealed
_LOCK = "SELECT pg_advisory_xact_lock(%b)"


@dataclass(frozen=True, slots=True)
class Address:
    """Which document, or which documents where there is no name."""

    source_id: int
    family: str
    activity: str = ""
    agent: Json | None = None
    registration: str = ""
    name: str | None = None

    @property
    def place(self) -> bytes:
        """Return the keyed hash of whose and about what it is."""
        whose = agents.identifier(self.agent) if self.agent is not None else ""
        return _hash(f"{self.family} {self.activity} {whose}")


@dataclass(frozen=True, slots=True)
class Content:
    """What a document holds."""

    name: str
    content_type: str
    body: bytes
    etag: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request asks of the version there is."""

    match: str = ""
    none_match: str = ""
    required: bool = False  # a writer must say which version it replaces
    always: bool = False  # and must where there is none yet, as version 1.0.3 has it

    def check(self, held: Document | None) -> None:
        """Refuse a request whose conditions do not hold."""
        if self.match and (held is None or not _names(self.match, held.etag)):
            raise Problem(412, "Precondition failed", "The document has another version.")
        if self.none_match and held is not None and _names(self.none_match, held.etag):
            raise Problem(412, "Precondition failed", "The document is there already.")
        if not self.required or self.match or self.none_match:
            return
        if held is not None:
            detail = "The document is there: read it, then send If-Match."
            raise Problem(409, "Conflict", detail, field="If-Match")
        if self.always:
            raise InvalidError("If-None-Match", "Send If-Match or If-None-Match: *.")


def _names(tags: str, etag: str) -> bool:
    return any(tag.strip().strip('"') in ("*", etag) for tag in tags.split(","))


def _hash(word: str) -> bytes:
    return blake2b(word.encode(), digest_size=16, key=sealing.statement_key()).digest()


def write(
    address: Address, content: Content, *, when: Conditions, merge: bool, now: datetime
) -> None:
    """Replace a document, or merge JSON into it; a learner who was erased has none."""
    learner_id = _learner(address, now=now)
    if learner_id is None:
        return
    with transaction.atomic():
        run(_LOCK, [_turn(address, content.name)])
        if learner_id != NOBODY and learner_id not in storing([learner_id]):
            return
        held = _rows(address).first()
        when.check(held)
        body = _merged(held, content) if merge and held is not None else content.body
        Document.objects.update_or_create(
            source_id=address.source_id,
            place=address.place,
            registration=_registration(address),
            name=_hash(content.name),
            defaults={
                "learner_id": learner_id or None,
                "content_type": content.content_type,
                "etag": sha1(body, usedforsecurity=False).hexdigest(),
                "updated_at": now,
                "sealed": _sealed(learner_id, content.name, body),
            },
        )


def _turn(address: Address, name: str) -> int:
    """Return the lock of a document, the same however its address is written."""
    words = (address.place, _registration(address), _hash(name), b"%d" % address.source_id)
    return int.from_bytes(blake2b(b" ".join(words), digest_size=8).digest(), signed=True)


def read(address: Address) -> Content | None:
    """Return a document, None where there is none or its key is gone."""
    row = _rows(address).first()
    return None if row is None else opened(row)


def names(address: Address, *, since: datetime | None) -> list[str]:
    """Return the ids of the documents of a place."""
    rows = _rows(address).order_by("pk")
    if since is not None:
        rows = rows.filter(updated_at__gt=since)
    return [content.name for row in rows if (content := opened(row)) is not None]


def delete(address: Address, *, when: Conditions) -> None:
    """Delete a document, or all of a place where the address names none."""
    with transaction.atomic():
        rows = _rows(address)
        if address.name is not None:
            when.check(rows.select_for_update().first())
        rows.delete()


def purge(*, before: datetime) -> int:
    """Delete documents not written since a moment; return how many."""
    return Document.objects.filter(updated_at__lt=before).delete()[0]


def opened(row: Document) -> Content | None:
    """Return what a row holds."""
    number = row.learner_id or NOBODY
    cipher = _cipher(number)
    if cipher is None:
        return None
    name, body = msgspec.msgpack.decode(
        sealing.open_with(cipher, number, bytes(row.sealed), use=USE), type=tuple[str, bytes]
    )
    return Content(name, row.content_type, body, row.etag, row.updated_at)


def _rows(address: Address) -> QuerySet[Document]:
    rows = Document.objects.filter(source_id=address.source_id, place=address.place)
    if address.name is not None:
        return rows.filter(name=_hash(address.name), registration=_registration(address))
    if address.registration:
        return rows.filter(registration=_registration(address))
    return rows


def _registration(address: Address) -> bytes:
    return _hash(address.registration.lower()) if address.registration else b""


def _learner(address: Address, *, now: datetime) -> int | None:
    """Return whose document it is, NOBODY's for an activity's, None where somebody was erased."""
    if address.agent is None:
        return NOBODY
    name = agents.external_id(address.agent) or ""
    return ensure_learners([name], now=now).get(name)


def _cipher(learner_id: int) -> AESGCM | None:
    if learner_id == NOBODY:
        return sealing.document_cipher()
    return sealing.data_keys([learner_id]).get(learner_id)


def _sealed(learner_id: int, name: str, body: bytes) -> bytes:
    cipher = _cipher(learner_id)
    if cipher is None:
        raise sealing.KeyGoneError(f"learner {learner_id} has no data key")
    data = msgspec.msgpack.encode((name, body))
    return sealing.seal_with(cipher, learner_id, data, use=USE)


def _merged(held: Document, content: Content) -> bytes:
    """Return both objects as one; the new one's properties win, whole."""
    old = opened(held)
    if old is None:
        return content.body
    parts = [_object(old), _object(content)]
    return msgspec.json.encode(parts[0] | parts[1])


def _object(content: Content) -> dict[str, Any]:
    value = decoded(content.body) if content.content_type.startswith(JSON) else None
    if not isinstance(value, dict):
        raise InvalidError("$", "Only JSON objects can be merged: use PUT to replace the document.")
    return value
