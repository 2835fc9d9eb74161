"""How many learners would a plan reach, and which effect could they show? (measurement)

Before anybody plans, the days behind stand for the days ahead: who saw a surface in as many days,
and what they did, counted exactly as an experiment would count it. The power gate of the plan is
computed from that, so that a platform too small for an effect is told which one it can see.

Nobody is promised who would not be drawn: the permanent comparison group, who others hold, and whom
the plan is not for. What a platform tells of a learner when it asks is not known before, so a plan
for those with such an attribute is sized by what the product itself knows.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from math import prod, sqrt

from experiments import assignment
from experiments.data import Plan
from experiments.gates.duration import MOST_DAYS, opening_days, too_long
from experiments.gates.power import needed_per_arm
from experiments.metrics import METRICS
from experiments.models import SurfaceHoldout
from experiments.stats.means import Sample
from experiments.stats.ratio import Ratio
from experiments.stats.wording import K, shown
from experiments.surfaces import codes_of
from experiments.targets import is_countable, is_for, kind_attributes
from signals import api as signals
from signals.data import ArmMoments, Asked

COMPLETING = "modules_completed"  # who completes lessons has a vote where two rankers share a list
EVEN = 0.5  # of the votes, and their spread, where neither is preferred


@dataclass(frozen=True, slots=True)
class Baseline:
    """What learners of these surfaces did before any experiment; 0 where fewer than 10 are known.

    learners is rounded to 5, as every number of learners that is shown.
    """

    metric: str
    days: int
    learners: int
    mean: float
    sd: float

    @property
    def known(self) -> bool:
        """Say whether a plan can be sized by it."""
        return self.learners >= K and self.mean > 0 and self.sd > 0


@dataclass(frozen=True, slots=True)
class Sized:
    """A plan with its baseline and size filled in, and what so many learners can see."""

    plan: Plan
    baseline: Baseline
    needed: int | None  # learners in each arm; None where it cannot be computed
    reached: int  # learners each arm would have by the last look
    visible: float | None  # smallest relative effect the learners reached would show
    opening: int  # days until it is open to all, at the learners a day there are
    matching: int | None = None  # learners the plan is for, rounded to 5; None: it is for all
    countable: bool = True  # False: only the platform knows whom it is for, when it asks

    @property
    def enough(self) -> bool:
        """Say whether the effect that is worth finding can be found."""
        return self.needed is not None and self.plan.planned_per_arm >= self.needed

    @property
    def days(self) -> int:
        """Return how long it runs, from the start to the last look."""
        return self.opening + self.plan.look_days[-1]

    @property
    def too_long(self) -> str:
        """Return what to do where it cannot end in time with the learners there are, or nothing."""
        if not (self.baseline.known and self.countable) or self.days <= MOST_DAYS:
            return ""
        return too_long(self.plan, self.days)


def baseline(plan: Plan, *, now: datetime) -> Baseline:
    """Return the primary metric as the learners of the plan's surfaces had it in as many days."""
    if plan.interleaved:
        return _voters(plan, now=now)
    days = plan.look_days[-1]
    metric = METRICS[plan.primary_metric]
    asked = Asked(metric.key, metric.window_days, metric.from_days, metric.winsor)
    usual = signals.usual_moments(asked, surfaces=codes_of(plan.surfaces), days=days, as_of=now)
    if usual is None or usual.n < K:
        return Baseline(metric.key, days, 0, 0.0, 0.0)
    mean, sd = _level(usual)
    return Baseline(metric.key, days, shown(usual.n), round(mean, 6), round(sd, 6))


def _voters(plan: Plan, *, now: datetime) -> Baseline:
    """Return how many learners at least completed lessons: nobody else has a vote to cast.

    How many did is not read apart from what they did; it is never fewer than sum squared by sum of
    squares (Cauchy and Schwarz). Without a preference half of the votes are each ranker's.
    """
    days, lessons = plan.look_days[-1], METRICS[COMPLETING]
    asked = Asked(lessons.key, lessons.window_days)
    usual = signals.usual_moments(asked, surfaces=codes_of(plan.surfaces), days=days, as_of=now)
    if usual is None or usual.n < K:
        return Baseline(plan.primary_metric, days, 0, 0.0, 0.0)
    voters = int(usual.total**2 / usual.squares) if usual.squares else 0
    return Baseline(plan.primary_metric, days, shown(voters), EVEN, EVEN)


def _level(usual: ArmMoments) -> tuple[float, float]:
    """Return mean and standard deviation of a learner; of a ratio, of the learner's part in it."""
    sample: Sample | Ratio = Sample(usual.n, usual.total, usual.squares)
    if usual.ratio is not None:
        (above, below, *_), products = usual.ratio.totals, usual.ratio.products
        if not below:
            return 0.0, 0.0
        sample = Ratio(
            Sample(usual.n, above, products[0][0]),
            Sample(usual.n, below, products[1][1]),
            products[0][1],
        )
    return float(sample.mean), sqrt(float(sample.variance))


def sized(plan: Plan, *, now: datetime) -> Sized:
    """Return the plan with what it leaves open: mean and spread as measured, learners as reached.

    Who plans for fewer learners than the effect needs is refused by the gate at the start, or marks
    the plan exploratory; so a plan never promises learners whom the platform does not have.
    """
    found = baseline(plan, now=now)
    plan = replace(
        plan,
        baseline_mean=plan.baseline_mean or found.mean,
        baseline_sd=plan.baseline_sd or found.sd,
    )
    part, matching = _part_it_is_for(plan, now=now)
    shares = sum(plan.shares) if plan.interleaved else min(plan.shares)  # of a vote, of an arm
    reached = int(found.learners * part * _taken_in(plan) * shares + 1e-9)
    needed = _needed(plan)
    if not plan.planned_per_arm:
        wanted = reached if needed is None or plan.exploratory else min(needed, reached)
        plan = replace(plan, planned_per_arm=wanted)
    least = plan.planned_per_arm
    visible = plan.mde * sqrt(needed / least) if needed is not None and least else None
    days = plan.look_days[-1]
    opening = opening_days(plan, a_day=reached / days)
    return Sized(
        plan, found, needed, reached, visible, opening, matching, countable=is_countable(plan)
    )


def _taken_in(plan: Plan) -> float:
    """Return which part of a surface's learners the plan may draw: not what others hold."""
    # Not as requests believe it to be: nothing may be remembered of before a start.
    held = SurfaceHoldout.objects.filter(surface__in=plan.surfaces).values_list("share", flat=True)
    part = plan.namespace_to - plan.namespace_from if plan.namespace else 1.0
    free = prod(1 - share for share in held)
    return (1 - assignment.HOLDOUT_SHARE) * part * free


def _part_it_is_for(plan: Plan, *, now: datetime) -> tuple[float, int | None]:
    """Return which part of a surface's learners meets the plan's condition, and how many do."""
    if not plan.targeting:
        return 1.0, None
    days, surfaces = plan.look_days[-1], codes_of(plan.surfaces)
    kinds = signals.audience(surfaces, days=days, as_of=now)
    everybody = sum(kind.learners for kind in kinds)
    matching = sum(kind.learners for kind in kinds if is_for(plan, kind_attributes(kind)))
    return (matching / everybody if matching >= K else 0.0), shown(matching)


def _needed(plan: Plan) -> int | None:
    if min(plan.mde, plan.baseline_mean, plan.baseline_sd) <= 0:
        return None
    return needed_per_arm(plan)
