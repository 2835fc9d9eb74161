"""What crosses the public interface of personalize: frozen dataclasses (L3 to L5; pure)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
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


class Change(StrEnum):
    """What a person at the controls does to one course."""

    BOOST = "boost"
    LOWER = "lower"
    PIN = "pin"
    HIDE = "hide"


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


@dataclass(frozen=True, slots=True)
class Ruled:
    """A change of a course that was in force for a list when it was made."""

    course_id: int
    change: Change
    strength: float
    cohort: str  # "" is everyone
    rank: int | None  # where the course stands in the list; None: not in it
    row: "OverrideRow | None"  # who decided it and why; None where that is not known any more


@dataclass(frozen=True, slots=True)
class Trace:
    """A logged decision as staff see it; reasons are rebuilt from what was stored."""

    request_id: UUID
    served_at: datetime
    learner_id: int | None
    surface: str
    source: Source
    intent: Intent | None
    model: str | None
    rules: int  # version of the policy
    goal: str
    signals: int
    tiers: tuple[int, ...]  # that were allowed
    took_ms: float
    items: tuple[Item, ...]
    limits: tuple[str, ...] = ()  # that people set and the list came up against, as sentences
    # What it was made from, by name; None where that is not kept.
    made_from: Mapping[str, object] | None = None
    ruled: tuple[Ruled, ...] = ()  # changes of courses that were in force for it


class Outcome(StrEnum):
    """What comes of making a logged decision once more."""

    SAME = "same"  # the same list, the same reasons, the same chance of what was tried out
    DIFFERENT = "different"  # from the same catalogue, by the same version of the policy
    CHANGED_SINCE = "different, of another catalogue or version of the policy"
    WITHDRAWN = "inputs deleted with the consent"
    NO_PROFILE = "inputs never kept: its learner wanted no profile"
    GONE = "what it names is gone"  # its model, rules, field or the earlier list it repeats


@dataclass(frozen=True, slots=True)
class Replayed:
    """A logged decision made again from what it says it was made from."""

    request_id: UUID
    outcome: Outcome
    said: tuple[str, ...]  # what is otherwise, or why it cannot be made; sentences
    course_ids: tuple[int, ...] = ()  # of the list as it came out now

    @property
    def made(self) -> bool:
        """Say whether it could be made again."""
        return self.outcome in {Outcome.SAME, Outcome.DIFFERENT, Outcome.CHANGED_SINCE}

    @property
    def same(self) -> bool:
        """Say whether it came out as it was."""
        return self.outcome is Outcome.SAME


@dataclass(frozen=True, slots=True)
class Objectives:
    """How much two probabilities count in a score, how unsure a pick may be, and what is capped."""

    engagement: float  # that a pick is opened within 7 days
    progression: float  # that it is passed within 30 days, once begun: completed, half the points
    least_chance: float = 0.0  # that a pick is opened; below it is none. 0: there is no least
    field_share: float = 0.75  # of a list, the most one field takes while others have something
    provider_share: float = 0.5  # and one school or organisation
    well_known: float = 0.2  # the most taken off what is better known than what a learner takes


@dataclass(frozen=True, slots=True)
class Aim:
    """What the lists of some surface and some cohort strive for, until an end."""

    objectives: Objectives
    ends_at: datetime | None  # None: made before ends were asked for
    surface: str = ""  # everywhere
    cohort: str = ""  # everyone (decision/cohorts.py)

    def holds(self, surface: str, now: datetime, cohorts: Collection[str]) -> bool:
        """Say whether it acts on this surface, at this moment, for somebody in these cohorts."""
        lasts = self.ends_at is None or now < self.ends_at
        return (
            lasts and self.surface in {"", surface} and (not self.cohort or self.cohort in cohorts)
        )


@dataclass(frozen=True, slots=True)
class AimLimits:
    """How far what lists strive for may be moved; alone, or with a second person."""

    progression_least: float
    weight_most: float
    least_most: float
    share_least: float
    share_most: float
    well_known_most: float
    days: int


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """A change of what lists strive for: made, or asked for, and what became of it."""

    objective_id: int
    aim: Aim
    before: Objectives  # in force for the same lists until then
    reason: str
    created_by: str
    created_at: datetime
    state: str  # approved, waiting or refused
    decided_by: str
    decided_why: str
    undone_at: datetime | None
    undone_by: str

    @property
    def objectives(self) -> Objectives:
        """Return the numbers."""
        return self.aim.objectives


@dataclass(frozen=True, slots=True)
class Forecast:
    """A pick of a list that is only played through, with what the model expects of it."""

    course_id: int
    rank: int
    opened: float | None  # the probability, None where the model tells none
    completed: float | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Lists before and after other weights, for one example and for who asked lately."""

    shown_for: str  # who the example is, in words
    before: tuple[Forecast, ...]
    after: tuple[Forecast, ...]
    requests: int  # learners of the last day whose lists were played through
    affected: int  # of those, whose first places change
    expected_before: tuple[float, float] | None  # mean chances of their first places; None: no one
    expected_after: tuple[float, float] | None
    orders_by: tuple[str, ...]  # of "opened" and "passed", which tell courses apart


@dataclass(frozen=True, slots=True)
class Mistaken:
    """How many picks were wrong for one kind of learner; counts to the nearest five."""

    cohort: str  # what tells learners apart; "all"
    value: str
    learners: int
    picks: int
    share: float | None  # of the picks that was wrong; None where fewer than ten learners had one
    by_reason: Mapping[str, int | None]
    low: float | None = None  # 95% of the share, over learners
    high: float | None = None


@dataclass(frozen=True, slots=True)
class NewOverride:
    """A boost, lower, pin or hide to be made."""

    course_id: int
    change: Change
    reason: str
    starts_at: datetime
    ends_at: datetime
    strength: float = 0.0  # above 0, for boost and lower
    surface: str = ""  # "" is everywhere
    cohort: str = ""  # "" is everyone, "new", "returning" or "goal:" with a field
    note: str = ""


@dataclass(frozen=True, slots=True)
class OverrideLimits:
    """How far somebody may change single courses: alone, and where a second person approves."""

    changes: tuple[Change, ...]  # alone; empty: none at all
    strength: float  # the greatest, for boost and lower
    days: int  # the longest a change lasts
    changes_asked: tuple[Change, ...] = ()  # with a second person
    strength_asked: float = 0.0
    days_asked: int = 0
    approves: bool = False  # may be the second person of somebody else


@dataclass(frozen=True, slots=True)
class Preview:
    """A list before and after a change, for one example."""

    shown_for: str  # who the example is, in words
    before: tuple[Item, ...]
    after: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A mean chance of the picks of lists now and with a change; low, high bound the difference."""

    now: float
    then: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What the last logged requests would get under a change, all learners together.

    Counts are to the nearest five; what stands for fewer than ten learners is left out. All None
    and empty where so few asked that nothing may be said.
    """

    requests: int  # that were played over, 0 for too few
    since: datetime
    until: datetime
    model: str  # its version: who says what is likely
    changed: float | None = None  # share of lists whose first page is another
    held: tuple[float, float] | None = None  # share of lists with the course, now and then
    opened: Shift | None = None  # within 7 days
    completed: Shift | None = None  # within 30 days, once begun
    pushed: tuple[tuple[int, int], ...] = ()  # course_id and how many lists lose it, most first
    gained: tuple[tuple[int, int], ...] = ()
    cohorts: tuple[tuple[str, float], ...] = ()  # whose first pages change, share, most first
    finished: int = 0  # finished changes that predictions were held against
    calibrated: bool = False  # low and high of opened are by those


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A boost, lower, pin or hide as the tower shows it; times of steps not taken are None."""

    override_id: int
    course_id: int
    change: Change
    strength: float  # 0 for pin and hide
    surface: str  # "" is everywhere
    reason: str
    note: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime
    undone_at: datetime | None
    undone_by: str
    cohort: str = ""  # "" is everyone
    state: str = "approved"  # or "waiting", "refused"
    decided_by: str = ""  # the second person, where one was needed
    decided_at: datetime | None = None
    decided_why: str = ""
    predicted: Mapping[str, Any] | None = None  # when it was made (decision/whatif)
    measured: Mapping[str, Any] | None = None  # so far, or for good


@dataclass(frozen=True, slots=True)
class CanaryState:
    """The model a part of the learners sees before all do, and until when that lasts."""

    model: "ModelRow"
    share: float  # of learners
    since: datetime
    until: datetime  # then all see it, where its guardrails hold and enough learners came
    until_most: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """The model that waits for an experiment, and the arms by which a plan names both."""

    model: "ModelRow"
    control: str
    variant: str
    experiment: str  # that compares them and is not decided; "" where there is none


@dataclass(frozen=True, slots=True)
class GateFinding:
    """What one promotion gate found."""

    gate: str
    passed: bool
    title: str
    detail: str
    evidence: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GuardReading:
    """What one guardrail of a canary found; figures are None where nothing may be said yet.

    Learners are rounded to 5; 0 stands for fewer than 10. low and high bound the difference,
    canary minus live, at whatever moment somebody looks; unit is "share" (0..1), "ms" or "count".
    """

    guard: str
    holds: bool
    title: str
    says: str
    unit: str
    canary: float | None = None
    live: float | None = None
    low: float | None = None
    high: float | None = None
    learners: int = 0  # who see the canary
    base: int = 0  # who see the live model


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure measured on some learners, or on something else that is counted."""

    value: float
    base: int
    low: float | None = None  # 95%; None where it is no mean of so many
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CohortGap:
    """How one kind of learner is served beside all others of its cohort, with the interval.

    measure is "recall" (gap: their own as a share of that of all others) or "calibration" (gap:
    what was said to be likely for them minus what happened; others is what happened).
    """

    measure: str
    cohort: str
    value: str
    learners: int
    own: float
    others: float
    gap: float
    low: float
    high: float
    alarm: bool  # the whole interval lies beyond the bound


@dataclass(frozen=True, slots=True)
class Known:
    """What the same learners get from so much that is known of them; popular is the same list."""

    known: str  # signals "0", "1-2", "3-5", "6+"; or a tier "0", "1", "2"
    learners: int
    ndcg: float
    popular: float
    error: float  # standard error of the difference


@dataclass(frozen=True, slots=True)
class Assessed:
    """For whom a model is good, as found on held-out learners when it was trained."""

    figures: dict[str, Estimate]
    popular: dict[str, Estimate]  # the same of lists that are alike for everyone
    gaps: tuple[CohortGap, ...]
    by_signals: tuple[Known, ...]
    by_tier: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model version as pages show it."""

    version: str
    state: str
    trained_at: datetime
    learners: int
    courses: int
    pairs: int
    metrics: dict[str, dict[str, float]]  # algorithm -> metric -> value
    weights: dict[str, float]
    findings: tuple[GateFinding, ...]
    configuration: str = ""  # SHA-256 of what it does, its data apart; "" where it is not known
    changes: tuple[str, ...] = ()  # of a challenger: what it does otherwise than the live model
    canary_since: datetime | None = None
    readings: tuple[GuardReading, ...] = ()  # as the guardrails of its canary last found them
    experiment: str = ""  # that decided about it
    may_return: bool = False  # all saw it once, so an admin may put it back
    kept_until: datetime | None = None  # those held back by that experiment see it until then
    assessed: Assessed | None = None  # None: trained before this was looked at
    heads: dict[str, dict[str, float]] = field(default_factory=dict)  # how their chances came true
    engine: str = "local"  # who fitted als: the training process, or a Spark cluster
