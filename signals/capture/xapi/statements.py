"""L1: what do the steps behind the door hand on? A checked statement, and what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement that is one: its id, whether its sender gave it, and its digest."""

    id: UUID
    body: Json
    digest: bytes
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """An attachment that came along."""

    sha2: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A whole request: its statements in their order, and the files that came with them."""

    statements: tuple[Checked, ...]
    files: Mapping[str, File] = field(default_factory=dict)
    version: str = "1.0.3"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the statements of a request."""

    fresh: int
    duplicates: int
    conflicts: tuple[UUID, ...] = ()


def part(body: object, *names: str) -> Any:
    """Return what lies under names in JSON objects, None where there is nothing."""
    for name in names:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def verb_of(body: Json) -> str:
    """Return the verb's IRI."""
    return cast("str", body["verb"]["id"])


def object_type(body: Json) -> str:
    """Return what the object is; an Activity where it does not say."""
    kind = cast("str", part(body, "object", "objectType") or "Activity")
    return "Activity" if kind == "GroupActivity" else kind


def activity_type(body: Json) -> str:
    """Return the type of the activity a statement is about, empty where there is none."""
    return part(body, "object", "definition", "type") or ""


def context_activities(body: Json, *roles: str) -> Iterator[Json]:
    """Yield the activities a statement's context names in these roles."""
    named = part(body, "context", "contextActivities") or {}
    for role in roles:
        found = named.get(role, [])
        yield from found if isinstance(found, list) else [found]
