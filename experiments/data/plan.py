"""What is promised before an experiment starts, and how is it frozen? (measurement; pure)"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from experiments.metrics import MARGIN, METRICS

HOLDOUT = "holdout"
CONTROL = "generic"
TREATMENT = "model"
FIRST_EXPERIMENT = "model-vs-generic"
OPENING = "opening-"  # how the key of an experiment begins that opens a surface of the product
MODEL_ARM = "model-"  # how an arm begins whose learners see a model of one configuration

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
HASHES = ("blake2b", "growthbook")  # ours, and version 2 of GrowthBook's public one


def is_included(key: str) -> bool:
    """Say whether an experiment of this key comes with the product."""
    return key == FIRST_EXPERIMENT or key.startswith(OPENING)


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
class PlanVersion:
    """One version of a plan; changed maps each field to its text before and after."""

    number: int
    by: str
    at: datetime
    changed: Mapping[str, tuple[str, str]]
