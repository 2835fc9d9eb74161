"""What do pages show of a version of the model? Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from personalize.data.assessed import Assessed


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


@dataclass(frozen=True, slots=True)
class CanaryState:
    """The model a part of the learners sees before all do, and until when that lasts."""

    model: ModelRow
    share: float  # of learners
    since: datetime
    until: datetime  # then all see it, where its guardrails hold and enough learners came
    until_most: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """The model that waits for an experiment, and the arms by which a plan names both."""

    model: ModelRow
    control: str
    variant: str
    experiment: str  # that compares them and is not decided; "" where there is none
