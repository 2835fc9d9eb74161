"""L1: which statements and files came in one body? Checked whole, when sent and when drained."""

from datetime import datetime
from uuid import UUID

import msgspec

from signals.capture import quarantine
from signals.capture.xapi import agents, multipart, reading
from signals.capture.xapi.requests import SECOND
from signals.capture.xapi.signatures import check_signatures
from signals.capture.xapi.statements import Sent
from signals.capture.xapi.valid.values import InvalidError

DOOR = "statements"
MIXED = "multipart/mixed"


class Form(msgspec.Struct, frozen=True):
    """What besides its bytes says how to read a body."""

    content_type: str
    version: str
    only_id: UUID | None = None


def whole(content_type: str, version: str, only_id: UUID | None) -> quarantine.Whole:
    """Return how a refused body came, for the quarantine."""
    form = Form(content_type, version, only_id)
    return quarantine.Whole(DOOR, msgspec.json.encode(form).decode())


def read(
    body: bytes,
    content_type: str,
    *,
    version: str,
    authority: str,
    whole: bool,
    now: datetime,
    only_id: UUID | None = None,
) -> Sent:
    """Return the statements of a body, checked whole, with their files; else InvalidError."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (MIXED, multipart.JSON):
        raise InvalidError("Content-Type", "Send application/json, or multipart/mixed with files.")
    body, files = multipart.split(body, content_type) if kind == MIXED else (body, {})
    bodies = reading.statements(body)
    if only_id is not None and body.lstrip()[:1] == b"[":
        raise InvalidError("$", "PUT takes one statement.")
    found = reading.checked(
        bodies,
        second=version == SECOND,
        whole=whole,
        authority=authority,
        now=now,
        only_id=only_id,
    )
    if whole and len({statement.id for statement in found}) < len(found):
        raise InvalidError("$", "Two statements of the batch share an id.")
    if whole:
        agents.check_named(bodies)
    multipart.check_files(bodies, files)
    check_signatures(bodies, files)
    return Sent(found, files, version)
