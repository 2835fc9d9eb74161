"""Who is a learner, who acts, and what is allowed? (L1, L2; pure)"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray


class Tier(IntEnum):
    """How sensitive a signal is, and so what allows it."""

    NEEDED = 0  # contract: enrol, complete, score
    PERSONALIZATION = 1  # legitimate interest: on, one click off
    FINE_GRAINED = 2  # consent: opt-in
    INFERRED = 3  # consent with explanation


class Purpose(StrEnum):
    """What a learner switches; each covers one tier."""

    PERSONALIZATION = "personalization"
    FINE_GRAINED = "fine_grained"
    INFERRED = "inferred"


class ActorKind(StrEnum):
    """Who can change something."""

    LEARNER = "learner"
    STAFF = "staff"
    SYSTEM = "system"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: written into the ledger as `kind:name`, roles decide what is allowed."""

    kind: ActorKind
    name: str
    roles: frozenset[str] = frozenset()
    account_id: int | None = None  # of who signed in: a name may change

    def __str__(self) -> str:
        """Return the form the ledger keeps."""
        return f"{self.kind}:{self.name}"


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="northway")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a learner's switches allow now. Absent or unreadable consent is NOTHING."""

    personalization: bool
    fine_grained: bool
    inferred: bool

    def tier(self, tier: Tier) -> bool:
        """Say whether events and reasons of this tier may be used."""
        return (True, self.personalization, self.fine_grained, self.inferred)[tier]


NOTHING = Allowed(personalization=False, fine_grained=False, inferred=False)
SESSION_LEARNER = "learner_id"  # under this name a session keeps whose it is
SESSION_SCHOOL = "school"  # that somebody came by their school's sign-in
SESSION_SECOND_STEP = "second_step"  # that they took the second step
SESSION_PROVED = "proved_at"  # when they last proved who they are, seconds since 1970
SESSION_GPC = "gpc"  # and under this one that Global Privacy Control was seen and kept


class Touch(IntEnum):
    """The strongest thing a learner did in a course."""

    VIEWED = 1
    STARTED = 2
    ENROLLED = 3
    COMPLETED = 4
    LEFT = 5  # unenrolled after the last enrolment


UNDER_13 = "under13"
MINOR_BANDS = (UNDER_13, "under18")  # age bands; no band is an adult or somebody of unknown age


@dataclass(frozen=True, slots=True)
class LearnerState:
    """One learner as the decision needs them, read in one statement.

    The arrays are parallel, one entry a course touched, oldest `last_at` first: course_ids int32,
    touches int8 (codes of Touch), last_at float64 (seconds since the epoch, UTC). Tier 1 touches
    (views, ratings) are absent when personalization is off.
    """

    learner_id: int
    kind: str
    age_band: str
    allowed: Allowed
    course_ids: NDArray[np.int32]
    touches: NDArray[np.int8]
    last_at: NDArray[np.float64]
    groups: Mapping[str, str] = field(default_factory=dict)  # by kind: "class", "cohort", ...
    score_mean: float = math.nan  # of quizzes, 0..1; nan where none or not allowed

    @property
    def minor(self) -> bool:
        """Say whether the learner is known to be under 18: nothing is tried out on them."""
        return self.age_band in MINOR_BANDS


@dataclass(frozen=True, slots=True)
class ModuleState:
    """How far a learner is in one module; progress and score are shares 0..1."""

    module_id: int
    course_id: int
    progress: float
    completed_at: datetime | None
    score: float | None
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Switches:
    """What a learner switched, as a page shows it, and what is allowed of it."""

    personalization: bool
    fine_grained: bool
    inferred: bool
    gpc: bool  # Global Privacy Control was seen on the account
    age_band: str
    allowed: Allowed

    @property
    def minor(self) -> bool:
        """Say whether the learner is known to be under 18."""
        return self.age_band in MINOR_BANDS


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One kept event, as its learner sees it; moment and id say where the next page begins."""

    occurred_at: datetime
    id: UUID
    kind: str
    course_id: int | None
    source: str  # title of the system that sent it


@dataclass(frozen=True, slots=True)
class Derived:
    """What was computed about a learner from their events; rebuilt, never typed in."""

    events: int
    active_days: int
    sessions: int
    courses_completed: int
    lessons_completed: int
    score_mean: float | None
    first_at: datetime
    last_at: datetime
    formats: tuple[tuple[str, float], ...]  # shares, the greatest first; only with consent
