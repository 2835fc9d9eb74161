"""L1: which statements does a body hold? Decoded, checked whole, each with its id and digest.

One bad statement refuses its whole body, as the specification asks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from signals.capture.xapi.digests import digest, made_id
from signals.capture.xapi.statements import Checked, Json
from signals.capture.xapi.valid.statements import statement
from signals.capture.xapi.valid.values import InvalidError, moment

LARGEST_BATCH = 5_000  # statements


def decoded(body: bytes, *, place: str = "$") -> Any:
    """Return JSON; InvalidError where it is none or cannot be stored."""
    try:
        value = msgspec.json.decode(body)
        if b"\\u0000" in body and _has_nul(value):
            raise InvalidError(place, "A text holds a NUL character. Send it without.")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidError(place, f"This is not JSON: {error}.") from error
    except RecursionError as error:
        raise InvalidError(place, "This is nested too deeply.") from error
    return value


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(_has_nul(part) for part in value)


def statements(body: bytes) -> list[Json]:
    """Return the statements of a body: one, or an array of them."""
    value = decoded(body)
    found = value if isinstance(value, list) else [value]
    if len(found) > LARGEST_BATCH:
        raise InvalidError("$", f"A request holds at most {LARGEST_BATCH} statements.")
    return found


def checked(
    bodies: list[Json],
    *,
    second: bool,
    whole: bool,
    authority: str,
    now: datetime,
    only_id: UUID | None = None,
) -> tuple[Checked, ...]:
    """Return statements with their ids; InvalidError when any of them is none.

    Those that are kept whole are held to every word of the specification.
    """
    try:
        for index, body in enumerate(bodies):
            place = "$" if len(bodies) == 1 else f"$[{index}]"
            statement(body, place, second=second, tolerant=not whole)
        return tuple(
            _with_id(body, authority=authority, whole=whole, now=now, only_id=only_id)
            for body in bodies
        )
    except RecursionError as error:
        raise InvalidError("$", "This is nested too deeply.") from error


def _with_id(
    body: Json, *, authority: str, whole: bool, now: datetime, only_id: UUID | None
) -> Checked:
    given = _given_id(body, only_id)
    at = moment(body["timestamp"], "$.timestamp") if "timestamp" in body else now
    if given is None and whole and "timestamp" not in body:
        given = uuid4()  # a record keeps every telling of what says neither when nor which
    if given is not None:
        return Checked(given, body, digest(body), at)
    made = made_id(body, authority, whole=whole)
    return Checked(made, body, made.bytes, at)


def _given_id(body: Mapping[str, Any], only_id: UUID | None) -> UUID | None:
    given = UUID(body["id"]) if "id" in body else None
    if only_id is not None and given is not None and given != only_id:
        raise InvalidError("$.id", "The statement's id is not the statementId of the address.")
    return only_id or given
