"""What crosses the public interface of experiments: frozen dataclasses (measurement; pure)."""

from dataclasses import dataclass
from datetime import date

HOLDOUT = "holdout"
CONTROL = "generic"
TREATMENT = "model"


@dataclass(frozen=True, slots=True)
class Assigned:
    """What the experiments decide for one learner on one surface.

    `variants` maps experiment key to variant; `holdout` is the permanent comparison group, which
    no experiment enters.
    """

    holdout: bool
    variants: dict[str, str]

    def variant(self, experiment: str) -> str | None:
        """Return the variant of an experiment, or None when the learner is not in it."""
        return self.variants.get(experiment)


@dataclass(frozen=True, slots=True)
class Effect:
    """One metric of one variant against the control, in the metric's own units.

    low and high bound the difference at the confidence of the look; before the first planned look
    an Effect does not exist.
    """

    metric: str
    track: str  # engagement, progression, guardrail
    unit: str  # "share", "modules", ...
    control_mean: float
    variant_mean: float
    difference: float
    low: float
    high: float
    p_value: float
    n_control: int
    n_variant: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What may be said before the first planned look: n, its date and the visible effect."""

    next_look: date
    look: int
    looks: int
    detectable: dict[str, float]  # metric -> smallest absolute difference visible at that look


@dataclass(frozen=True, slots=True)
class Readout:
    """An experiment as its page shows it; effects is empty until the first look has been taken."""

    key: str
    title: str
    hypothesis: str
    state: str
    started: date | None
    n: dict[str, int]  # learners exposed by variant
    planned_per_arm: int
    confidence: float  # of the intervals, from the spending of this look
    effects: tuple[Effect, ...]
    waiting: Waiting | None  # None after the last look
    looks_taken: int
    sentence: str  # what a product lead should take away, or that nothing can be said yet
