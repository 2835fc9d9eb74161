"""What is a recommendation, and why is each item in it? Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Source(StrEnum):
    """Where a list came from; the one table of the interface."""

    MODEL = "model"
    ONBOARDING = "onboarding"
    LAST_GOOD = "last_good"
    COHORT = "cohort"
    POPULAR = "popular"
    CURATED = "curated"
    HOLDOUT = "holdout"
    OFF = "off"


class Slot(StrEnum):
    """How an item came to its place."""

    GREEDY = "greedy"
    EXPLORE = "explore"
    PINNED = "pinned"
    BOOSTED = "boosted"


class Intent(StrEnum):
    """What the learner said they are here for just now."""

    CONTINUE = "continue"
    SHORT = "short"
    TEST = "test"
    EXPLORE = "explore"


class Action(StrEnum):
    """What a learner says about one course."""

    NOT_FOR_ME = "not_for_me"
    SNOOZE = "snooze"
    MORE = "more"
    UNDO = "undo"


class Confidence(IntEnum):
    """How much stands behind a pick; four bars on the card."""

    EXPLORING = 1
    FAIR = 2
    GOOD = 3
    STRONG = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """One true reason of one item, from the stored contributions.

    kind: course (a past course), courses (that speak for it and do not decide), goal, popular,
    boost, pin, explore, intent, curated and the other named parts. share is this part of the
    final score's positive parts, 0..1. evidence names what it rests on.
    """

    kind: str
    text: str
    share: float
    evidence: str
    course_id: int | None = None  # the past course of kind "course", the first of two
    decides: bool = False  # without it another course would be in this place


@dataclass(frozen=True, slots=True)
class Item:
    """One recommended course or lesson; parts sum to score within 1e-6."""

    course_id: int
    module_id: int | None
    rank: int  # 1-based
    score: float
    confidence: Confidence
    slot: Slot
    parts: tuple[tuple[str, float], ...]  # name -> additive part of the final score
    reasons: tuple[Reason, ...]
    propensity: float = 1.0
    chance: float | None = None  # that it is opened within 7 days; None where no model tells it
    mix: tuple[tuple[str, float], ...] = ()  # kind of knowledge -> share of the positive parts


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One answered request, as logged and as shown."""

    request_id: UUID
    learner_id: int | None
    surface: str
    source: Source
    model: str | None  # model version, None where no model scored
    items: tuple[Item, ...]
    not_used: tuple[str, ...]  # plain words: what did not count
    used: tuple[str, ...]
    took_ms: float
    served_at: datetime
    intent: Intent | None = None
    signals: int = 0  # how many courses of history stood behind it
    newest_days: float | None = None  # since the newest of them was touched
    drafted: bool = False  # two ways of ordering are compared in it
    mix: tuple[tuple[str, float], ...] = ()  # of the whole list, as in Item
    languages: tuple[str, ...] = ()  # it keeps to; () to none


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one item was shown, from the stored decision and nothing else."""

    request_id: UUID
    item: Item
    source: Source
    served_at: datetime
    goal: str  # as it was stated then
    signals: int
    used: tuple[str, ...]
    not_used: tuple[str, ...]
    note: str  # what must be said, e.g. that the reasons were deleted
    newest_days: float | None = None  # how old the newest of the learner's own courses was
    languages: tuple[str, ...] = ()  # the list kept to; () to none
