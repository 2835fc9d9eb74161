"""What does a node need to answer while PostgreSQL is away? (L4) Two files, seconds old.

The small one is rewritten every 10 s: the keys' digests, what people at the controls decided, which
surfaces are switched off, the popular and the edited list. The catalogue is rewritten when it has
changed. Nothing is about any learner. A process that starts while the database is away reads them;
keys are checked by it for a quarter of an hour, which is longer than any outage we promise to
survive. Files are replaced by a rename, so a reader sees whole ones.
"""

import os
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from django.utils import timezone

from personalize.data import Aim, Change, Objectives
from personalize.decision.overrides import Controls, InForce
from signals import api as signals
from signals.data import CourseInfo, SourceKey

EVERY_S = 10.0
KEYS_HOLD_S = 900.0  # a key revoked while nothing was written here is let in no longer than this
FORMAT = 2
NODE, CATALOGUE = "node.json", "catalogue.json"


class _Key(msgspec.Struct, frozen=True):
    source_id: int
    name: str
    scopes: list[str]
    expires_at: datetime


class _Change(msgspec.Struct, frozen=True):
    course_id: int
    change: str
    strength: float
    surface: str
    starts_at: datetime
    ends_at: datetime
    cohort: str = ""
    override_id: int = 0


class _Aim(msgspec.Struct, frozen=True):
    objectives: tuple[float, ...]
    ends_at: datetime | None = None
    surface: str = ""
    cohort: str = ""


class _Node(msgspec.Struct, frozen=True):
    format: int
    written_at: float
    keys: dict[str, _Key]  # by SHA-256 of the clear key
    changes: list[_Change]
    curated: list[int]
    popular: list[int]
    switched_off: list[str]  # surfaces
    objectives: tuple[float, ...] = ()  # of everyone, everywhere; all there was in older versions
    aims: list[_Aim] | None = None  # newest first


class _Catalogue(msgspec.Struct, frozen=True):
    format: int
    courses: list[CourseInfo]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a node wrote down last."""

    written_at: float
    keys: Mapping[str, _Key]
    controls: Controls
    popular: tuple[int, ...]
    courses: Mapping[int, CourseInfo]
    switched_off: frozenset[str]

    @property
    def keys_hold(self) -> bool:
        """Say whether it was written lately enough for keys to be checked by it."""
        return time() - self.written_at < KEYS_HOLD_S

    def authenticate(self, key: str, *, scope: str, now: datetime) -> SourceKey | None:
        """Return the source of a key that was in force when the snapshot was written, lately."""
        found = self.keys.get(sha256(key.encode()).hexdigest())
        if (
            not self.keys_hold
            or found is None
            or found.expires_at <= now
            or scope not in found.scopes
        ):
            return None
        return SourceKey(found.source_id, found.name, frozenset(found.scopes))


F = TypeVar("F", _Node, _Catalogue)

_opened: dict[str, tuple[tuple[int, int], Any]] = {}
_written: Mapping[int, CourseInfo] | None = None


def folder() -> Path:
    """Return where this node's snapshot lies."""
    return Path(settings.SNAPSHOT_DIR)


def write_when_due(
    *,
    courses: Mapping[int, CourseInfo],
    controls: Controls,
    popular: tuple[int, ...],
    switched_off: frozenset[str],
) -> bool:
    """Write the snapshot unless another process of this node did so lately. Raises OSError."""
    try:
        age_s = time() - (folder() / NODE).stat().st_mtime
    except FileNotFoundError:
        age_s = EVERY_S
    if age_s < EVERY_S:
        return False
    write(courses=courses, controls=controls, popular=popular, switched_off=switched_off)
    return True


def write(
    *,
    courses: Mapping[int, CourseInfo],
    controls: Controls,
    popular: tuple[int, ...],
    switched_off: frozenset[str],
) -> None:
    """Write the snapshot. Raises OSError, and django.db.Error when keys cannot be read."""
    global _written
    if courses is not _written or not (folder() / CATALOGUE).exists():
        _replace(CATALOGUE, _Catalogue(format=FORMAT, courses=list(courses.values())))
        _written = courses
    keys = {
        key.digest: _Key(key.source_id, key.name, sorted(key.scopes), key.expires_at)
        for key in signals.keys_in_force(now=timezone.now())
    }
    changes = [
        _Change(
            c.course_id,
            c.change,
            c.strength,
            c.surface,
            c.starts_at,
            c.ends_at,
            c.cohort,
            c.override_id,
        )
        for c in controls.changes
    ]
    _replace(
        NODE,
        _Node(
            format=FORMAT,
            written_at=time(),
            keys=keys,
            changes=changes,
            curated=list(controls.curated),
            objectives=astuple(controls.objectives("", now=timezone.now())),
            aims=[
                _Aim(astuple(aim.objectives), aim.ends_at, aim.surface, aim.cohort)
                for aim in controls.aims
            ],
            popular=list(popular),
            switched_off=sorted(switched_off),
        ),
    )


def read() -> Snapshot | None:
    """Return the node's snapshot, None when there is none that this code can read."""
    try:
        node, catalogue = _open(NODE, _Node), _open(CATALOGUE, _Catalogue)
    except (OSError, ValueError):
        return None
    changes = tuple(
        InForce(
            c.course_id,
            Change(c.change),
            c.strength,
            c.surface,
            c.starts_at,
            c.ends_at,
            c.cohort,
            c.override_id,
        )
        for c in node.changes
    )
    return Snapshot(
        written_at=node.written_at,
        keys=node.keys,
        controls=Controls(changes=changes, curated=tuple(node.curated), aims=_aims(node)),
        popular=tuple(node.popular),
        courses={course.course_id: course for course in catalogue.courses},
        switched_off=frozenset(node.switched_off),
    )


def _aims(node: _Node) -> tuple[Aim, ...]:
    if node.aims is None:
        return (Aim(Objectives(*node.objectives), None),) if node.objectives else ()
    return tuple(
        Aim(Objectives(*each.objectives), each.ends_at, each.surface, each.cohort)
        for each in node.aims
    )


def _replace(name: str, content: msgspec.Struct) -> None:
    final = folder() / name
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = final.with_name(f"{name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(msgspec.json.encode(content))
    unfinished.rename(final)


def _open(name: str, kind: type[F]) -> F:
    """Read a file that has changed; raise OSError or ValueError when it is of no use."""
    status = (folder() / name).stat()
    stamp = (status.st_ino, status.st_mtime_ns)
    held = _opened.get(name)
    if held is None or held[0] != stamp:
        content = msgspec.json.decode((folder() / name).read_bytes(), type=kind)
        held = _opened[name] = (stamp, content)
    found: F = held[1]
    if found.format != FORMAT:
        raise ValueError(f"{name} has format {found.format}; this code reads {FORMAT}.")
    return found
