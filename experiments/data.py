"""What crosses the public interface of experiments: frozen dataclasses (measurement; pure)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from hashlib import sha256

from experiments.metrics import DOWN, MARGIN, METRICS, UP
from signals.data import Answered

HOLDOUT = "holdout"
CONTROL = "generic"
TREATMENT = "model"
FIRST_EXPERIMENT = "model-vs-generic"
MODEL_ARM = "model-"  # how an arm begins whose learners see a model of one configuration

VERDICTS = ("ship", "roll back", "extend", "invalid", "review")

PLAN_FORMAT = 4  # part of what is hashed; a new field of Plan is a new format
_NEW_IN: dict[
    int, dict[str, object]
] = {  # the fields each format added, with the value that stands for "was not there yet"
    2: {
        "serves": "",
        "decision_rule": "",
        "margins": (),
        "unit": "learner",
        "hash": "blake2b",
        "namespace": "",
        "namespace_from": 0.0,
        "namespace_to": 1.0,
    },
    3: {
        "ramp": (1.0,),
        "widens_by_itself": True,
        "icc": 0.0,
        "cluster_size": 1.0,
        "targeting": "",
    },
    4: {"design": "arms"},
}

IN_ARMS, INTERLEAVED = DESIGNS = ("arms", "interleaved")  # each sees one arm, or both in one list
TOGETHER = "both"  # the arm of everybody whose list is drafted from two rankers
UNITS = ("learner", "class", "cohort")  # who is drawn: everybody of a class is in one arm
RAMP = (0.1, 0.25, 0.5, 1.0)  # the shares an experiment is usually opened to
WITHIN_DAYS = 7  # what is said to be likely of a pick comes true so soon, or not
STEP_DAYS = 3  # a step lasts at least: a weekday is no weekend, some harm takes a night to show
HASHES = ("blake2b", "growthbook")  # ours, and version 2 of GrowthBook's public one


@dataclass(frozen=True, slots=True)
class Plan:
    """What is promised before an experiment starts, and frozen with a digest.

    mde is relative to baseline_mean; baseline_sd is the standard deviation over learners that the
    sample size was computed with. guardrails are the metrics, beside the primary one, that must
    not get worse; margins, parallel to them, say which loss of each counts as none, relative to
    the control (empty: what each metric usually allows). The first of variants is the control;
    shares are parallel to variants. Of a namespace, only units in its part from namespace_from up
    to namespace_to take part: experiments with separate parts never share a learner.

    ramp is how the experiment is opened: to its first share of units at the start, to each next
    one on evidence that nothing fell (`experiments.ramp`). Where classes or cohorts are drawn, icc
    is how alike those who learn together are in the primary metric (0..1) and cluster_size how
    many they are; targeting is a condition on a unit's attributes, as GrowthBook writes them, in
    JSON, and empty for everybody.

    Where the design is interleaved, variants name two rankers and every list is drafted from both;
    planned_per_arm are then the learners who got more from one of them.
    """

    key: str
    title: str
    hypothesis: str
    surfaces: tuple[str, ...]
    primary_metric: str
    guardrails: tuple[str, ...]
    mde: float
    baseline_mean: float
    baseline_sd: float
    planned_per_arm: int
    look_days: tuple[int, ...]
    variants: tuple[str, ...]
    shares: tuple[float, ...]
    salt: str
    alpha: float = 0.05
    power: float = 0.8
    exploratory: bool = False  # too small for its mde: may run and teach, never ships by itself
    serves: str = ""  # a sentence: the outcome for learners or the platform this is for
    decision_rule: str = ""  # a sentence: what is done for which reading
    margins: tuple[float, ...] = ()
    unit: str = "learner"  # of UNITS
    hash: str = "blake2b"  # of HASHES
    namespace: str = ""  # empty: shares learners with every other experiment
    namespace_from: float = 0.0
    namespace_to: float = 1.0
    ramp: tuple[float, ...] = RAMP
    widens_by_itself: bool = True  # False: a person takes every step, on the same evidence
    icc: float = 0.0
    cluster_size: float = 1.0
    targeting: str = ""
    design: str = IN_ARMS  # of DESIGNS
    format: int = PLAN_FORMAT

    def margin(self, metric: str) -> float:
        """Return which relative loss of a metric counts as none."""
        named = dict(zip(self.guardrails, self.margins, strict=False))
        usual = METRICS[metric].margin if metric in METRICS else MARGIN
        return named.get(metric, usual)

    @property
    def interleaved(self) -> bool:
        """Say whether every learner is given both rankers, in one list."""
        return self.design == INTERLEAVED

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return every metric that is read, the primary one first."""
        return (self.primary_metric, *self.guardrails)

    @property
    def protected(self) -> tuple[str, ...]:
        """Return the metrics that may not fall: the guardrails, and all that is no engagement."""
        return tuple(
            name
            for name in self.metrics
            if name in METRICS and (name in self.guardrails or METRICS[name].track != "engagement")
        )

    @property
    def fractions(self) -> tuple[float, ...]:
        """Return the information fraction of each look: its part of the planned days."""
        return tuple(day / self.look_days[-1] for day in self.look_days)

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the canonical JSON of the plan, in the plan's own format.

        A plan of an older format is hashed as it was then, so its digest stays valid; a newer
        field that was filled in since is hashed too, so that the digest breaks.
        """
        later = {
            name: unset
            for number, added in _NEW_IN.items()
            if number > self.format
            for name, unset in added.items()
        }
        canonical = json.dumps(
            {
                name: value
                for name, value in asdict(self).items()
                if name not in later or value != later[name]
            },
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )
        return sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a launch check does not let a plan start; pages show it as it is."""

    gate: str
    title: str
    detail: str  # a sentence that says what to change
    evidence: Mapping[str, object] = field(default_factory=dict)


class ExperimentRefusedError(Exception):
    """A step an experiment may not take; the text says why and what to do next."""

    def __init__(self, message: str, *, findings: tuple[Finding, ...] = ()) -> None:
        """Keep the findings of the gates, where gates refused."""
        super().__init__(message)
        self.findings = findings


class Team(IntEnum):
    """Whose an item of a drafted list is; written into logs, never renumbered."""

    BOTH = 0  # what both rankers begin with belongs to neither
    CONTROL = 1
    VARIANT = 2


@dataclass(frozen=True, slots=True)
class Drafted:
    """One list of two rankers; `teams` says whose each item is."""

    items: tuple[int, ...]
    teams: tuple[Team, ...]


@dataclass(frozen=True, slots=True)
class Drafting:
    """The running experiment that wants a learner's list drafted from two rankers."""

    experiment_id: int
    control: str
    variant: str
    salt: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """What the experiments decide for one learner on one surface.

    `variants` maps experiment key to variant; `holdout` is the permanent comparison group, which
    no experiment enters. `drafting` wants the list from two rankers, and `ranker` is the one that
    an experiment has shipped; empty where none has.
    """

    holdout: bool
    variants: dict[str, str]
    drafting: Drafting | None = None
    ranker: str = ""

    def variant(self, experiment: str) -> str | None:
        """Return the variant of an experiment, or None when the learner is not in it."""
        return self.variants.get(experiment)


@dataclass(frozen=True, slots=True)
class People:
    """Who answers for an experiment, as the ledger names them; empty where nobody does yet."""

    author: str = ""
    registered_by: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    approval_reason: str = ""
    seconded_by: str = ""  # stands in for shipping although something may have been lost
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One version of a plan; changed maps each field to its text before and after."""

    number: int
    by: str
    at: datetime
    changed: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a step of the ramp tells of one metric that may not fall."""

    metric: str
    learners: int  # measured in the smaller arm, rounded to 5; 0 stands for fewer than 10
    of_step: int  # as many the plan has for this step
    margin: float  # loss that counts as none, a share of the control
    noticed: float | None  # the smallest loss that would have been noticed; None: not readable yet
    worse: bool
    enough: bool


@dataclass(frozen=True, slots=True)
class RampEvidence:
    """Whether an experiment may be opened to the next share, and what speaks for or against it."""

    share: float
    next_share: float | None  # None: it is open to all
    days: int  # at this step
    sound: bool
    watched: tuple[Watched, ...]
    enough: bool
    says: str


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of an experiment; `evidence` is a RampEvidence as it was, {} for the start."""

    number: int
    share: float
    at: datetime
    by: str
    reason: str
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a flag or an experiment gives a learner; reason is one of OpenFeature's."""

    key: str
    value: bool | str  # of a flag whether it is on, of an experiment the arm
    variant: str
    reason: str  # STATIC, SPLIT, DISABLED, DEFAULT
    kind: str = "flag"  # or experiment
    exposed: bool = False  # counted as shown by this answer


@dataclass(frozen=True, slots=True)
class ExperimentInfo:
    """One line of the list of experiments."""

    key: str
    title: str
    state: str
    surfaces: tuple[str, ...]
    primary_metric: str
    exploratory: bool
    switched_on: bool
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    looks_taken: int
    looks: int
    next_look: date | None
    verdict: str  # empty until decided
    people: People = People()
    paused_at: datetime | None = None
    serves: str = ""
    decision_rule: str = ""
    reopened_at: datetime | None = None  # a re-read spoke against what was shipped
    unwatched_since: datetime | None = None  # nobody would notice harm: it cannot be read


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


# (learner_id, since, until): a time in which a learner objected to lists of their own.
Period = tuple[int, datetime, datetime]


def _nobodys(_experiment: int, told: Sequence[Answered], _within: timedelta) -> Sequence[int]:
    return [Team.BOTH] * len(told)


@dataclass(frozen=True, slots=True)
class Promised:
    """What one learner was told to be likely, and how much of it came true; means over items."""

    learner_id: int
    said: float  # probability that they open what is listed within WITHIN_DAYS
    came: float  # share of the items they opened by then


@dataclass(frozen=True, slots=True)
class ServedReader:
    """What the log of decisions of the app above can say.

    against_will: how many lists of a learner's own were decided in these times.
    model_ages: for learners, and a time from and up to, the mean age in hours of the models their
    lists were made by, one number for each learner who had such a list.
    teams: for an experiment and what learners answered, whose the answered item was, parallel; BOTH
    where it was nobody's. A lesson belongs to the last drafted list that held its course, no longer
    before than the time given.
    first_picks: for an experiment up to a moment, for how many learners control and variant had
    the first pick in their first drafted list.
    promises: for learners, and a time from and up to, what lists of that time told them to be
    likely and what came of it; of those who were told anything and still allow to be counted.
    """

    against_will: Callable[[Sequence[Period]], int]
    model_ages: Callable[[Sequence[int], datetime, datetime], Sequence[float]]
    teams: Callable[[int, Sequence[Answered], timedelta], Sequence[int]] = _nobodys
    first_picks: Callable[[int, datetime], tuple[int, int]] = lambda _id, _as_of: (0, 0)
    promises: Callable[[Sequence[int], datetime, datetime], Sequence[Promised]] = (
        lambda _learners, _since, _until: ()
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether an irremovable guardrail holds; every experiment has them, no plan names them."""

    guardrail: str
    title: str
    ok: bool
    says: str  # a sentence with the figures, and with what to do where it does not hold
    verdict: str = ""  # "roll back" or "invalid" where it does not hold
    evidence: Mapping[str, object] = field(default_factory=dict)


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
