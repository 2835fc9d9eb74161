"""Who sends, what was made of it, and does it still come? (L1; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SourceKey:
    """An authenticated source with the scopes of the key it used."""

    source_id: int
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeyDigest:
    """A key in force by its digest, so that a node can check keys while the database is away."""

    digest: str  # SHA-256 of the clear key, hex
    source_id: int
    name: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event the product itself records, already about a known learner."""

    kind: str
    learner_id: int
    occurred_at: datetime
    course_id: int | None = None
    module_id: int | None = None
    session: str | None = None
    value: float | None = None
    context: Mapping[str, object] | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch; the four counts add up to its length."""

    accepted: int
    duplicates: int
    dropped_by_consent: int
    quarantined: int
    errors: tuple[Mapping[str, object], ...] = ()  # {"index", "code", "detail"}


@dataclass(frozen=True, slots=True)
class Objective:
    """What is expected of a source, who answers for it, and what they do first if it fails."""

    every_minutes: int  # something new arrives at least this often
    complete_share: float  # of its events carry every required field, over seven closed days
    owner: str
    next_step: str


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What waits on the disk of this node until PostgreSQL is back."""

    size_bytes: int
    oldest_s: float  # how long the oldest has waited; 0 where nothing waits


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source does; without an objective it is held against its own habit."""

    source_id: int
    name: str
    title: str
    profile: str  # capture: events alone; store: whole statements too
    last_at: datetime | None  # when its newest event was received
    complete_share: float | None  # over seven closed days; None of fewer than ten events
    objective: Objective | None
    silent: bool
    incomplete: bool
