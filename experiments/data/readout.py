"""What does an experiment show, as its page and its looks say it? (measurement; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from experiments.data.plan import IN_ARMS
from experiments.metrics import DOWN, MARGIN, UP

VERDICTS = ("ship", "roll back", "extend", "invalid", "review")


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
    margin: float = MARGIN  # of the control: a smaller loss counts as none
    better: str = UP  # or DOWN: a rise of this metric is a loss

    @property
    def gain(self) -> tuple[float, float]:
        """Return the interval turned so that more is better, whichever way the metric counts."""
        return (-self.high, -self.low) if self.better == DOWN else (self.low, self.high)

    @property
    def reading(self) -> str:
        """Return better, worse or not clear, by the interval and by which way is better."""
        least, most = self.gain
        if least > 0:
            return "better"
        return "worse" if most < 0 else "not clear"

    @property
    def not_inferior(self) -> bool:
        """Say whether the interval rules out a loss of more than the margin."""
        return self.gain[0] >= -self.margin * self.control_mean


@dataclass(frozen=True, slots=True)
class Waiting:
    """What may be said before the first planned look: n, its date and the visible effect."""

    next_look: date
    look: int
    looks: int
    detectable: dict[str, float]  # metric -> smallest absolute difference visible at that look


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether an irremovable guardrail holds; every experiment has them, no plan names them."""

    guardrail: str
    title: str
    ok: bool
    says: str  # a sentence with the figures, and with what to do where it does not hold
    verdict: str = ""  # "roll back" or "invalid" where it does not hold
    evidence: Mapping[str, object] = field(default_factory=dict)  # empty: nobody was judged

    @property
    def judged(self) -> bool:
        """Say whether there was anything to judge: it holds, too, of nobody at all."""
        return not self.ok or bool(self.evidence)


@dataclass(frozen=True, slots=True)
class Compared:
    """An effect that was looked through with many others; it never decides by itself.

    `reading` is by the adjusted p-value: Holm's for cohorts, Benjamini and Hochberg's for metrics
    beside the plan's own. `cohort` and `value` are empty where all learners are meant.
    """

    effect: Effect
    p_adjusted: float
    reading: str  # better, worse, not clear
    cohort: str = ""  # "tenure"
    value: str = ""  # "new"
    title: str = ""  # "Learners who had just come"


@dataclass(frozen=True, slots=True)
class Trend:
    """How the effect on one metric moves in the weeks after each learner's exposure."""

    metric: str
    reading: str  # fades, grows, steady
    lasts: bool  # the effect is still shown at the end of the line
    weeks: tuple[tuple[int, float, float, float], ...]  # week, effect, low, high
    sentence: str  # empty while it is steady


@dataclass(frozen=True, slots=True)
class RereadInfo:
    """A decision that is read again so many days later; `reading` is empty until it was."""

    day: int  # after the decision
    due: date
    taken_at: datetime | None = None
    reading: str = ""  # lasting, faded, harm, not clear
    sentence: str = ""
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Readout:
    """An experiment as its page shows it; effects is empty until the first look has been taken.

    Numbers of learners, here and in effects, are rounded to 5; 0 stands for fewer than 10.
    """

    key: str
    title: str
    hypothesis: str
    state: str
    started: date | None
    n: dict[str, int]  # learners exposed by variant, the control first
    planned_per_arm: int
    confidence: float  # of the intervals, from the spending of this look
    effects: tuple[Effect, ...]
    waiting: Waiting | None  # None after the last look
    looks_taken: int
    sentence: str  # what a product lead should take away, or that nothing can be said yet
    digest: str = ""  # SHA-256 of the frozen plan; empty for a draft
    trustworthy: bool = True  # False: the split or the plan is broken, and no effect is shown
    exploratory: bool = False
    verdict: str = ""  # of VERDICTS, once decided
    advice: str = ""  # of VERDICTS: what the last look says to do
    guardrails: tuple[Holding, ...] = ()  # the irremovable ones, as the last look found them
    cohorts: tuple[Compared, ...] = ()
    secondary: tuple[Compared, ...] = ()  # metrics beside the plan's
    trends: tuple[Trend, ...] = ()
    rereads: tuple[RereadInfo, ...] = ()
    reopened_at: datetime | None = None  # a re-read spoke against what was shipped
    reopened_reason: str = ""
    design: str = IN_ARMS  # of DESIGNS
