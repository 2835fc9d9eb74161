"""Are there as many learners as are planned, who differ no more than is claimed? (measurement)

A plan may come from a form that measured, or from a program that wrote down what it liked. So the
start holds both numbers against the days behind. Half as much again is allowed: platforms grow, and
what was measured when a plan was frozen has moved by the time it starts.
"""

from dataclasses import replace
from datetime import datetime

from django.core.cache import cache

from experiments.data import Finding, Plan
from experiments.gates.baseline import sized
from experiments.gates.context import Context, Reach
from experiments.gates.power import needed_per_arm
from experiments.stats.wording import shown

MORE = 1.5  # times what was measured
KEPT_S = 3_600  # pages ask at every opening, and it takes seconds on a large platform


def check(context: Context) -> Finding | None:
    """Refuse what the platform does not have; where nothing was ever shown nothing is known."""
    plan = context.plan
    reach = None if plan.exploratory else context.reach()
    if reach is None:
        return None
    evidence = {"planned": plan.planned_per_arm, "reached": reach.reached, "needed": reach.needed}
    days = plan.look_days[-1]
    if plan.planned_per_arm > MORE * reach.reached:
        return Finding(
            gate="reach",
            title="Fewer learners come than are planned",
            detail=(
                f"It plans {plan.planned_per_arm:,} learners in each arm; in the last {days} days "
                f"there were {shown(reach.reached):,} for each. Plan a larger effect, more days, "
                "more surfaces, or mark it exploratory: then it may run, and never ships by itself."
            ),
            evidence=evidence,
        )
    if reach.needed > MORE * plan.planned_per_arm:
        return Finding(
            gate="reach",
            title="Learners differ more than the plan says",
            detail=(
                f"By what learners did in the last {days} days an effect of {plan.mde:.1%} needs "
                f"{reach.needed:,} in each arm; {plan.planned_per_arm:,} are planned. Write the "
                "mean and the standard deviation as they are measured, or mark it exploratory."
            ),
            evidence=evidence,
        )
    return None


def measured(plan: Plan, *, now: datetime) -> Reach | None:
    """Return what the days behind say of a plan that passed every other gate; None: nothing."""
    key = f"experiments:reach:{plan.digest()}"
    found = cache.get(key)
    if found is None:
        found = _measured(plan, now=now)
        if found:  # what nobody knows yet may be known soon
            cache.set(key, found, KEPT_S)
    return Reach(*found) if found else None


def _measured(plan: Plan, *, now: datetime) -> list[int]:
    """Return learners an arm and learners needed, or nothing where that is not known."""
    found = sized(plan, now=now)
    if not (found.baseline.known and found.countable):
        return []
    as_measured = replace(plan, baseline_mean=found.baseline.mean, baseline_sd=found.baseline.sd)
    return [found.reached, needed_per_arm(as_measured)]
