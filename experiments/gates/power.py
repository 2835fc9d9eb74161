"""Can the planned number of learners see the effect that is worth finding? (measurement)"""

from math import ceil, sqrt

from experiments.data import Finding, Plan
from experiments.gates.context import Context
from experiments.gates.groups import countable
from experiments.stats import clusters, interleaving, sequential
from experiments.stats.power import sample_size

MANY_CLASSES = 200  # in an arm: from here on the design effect is all there is to it
MOST = 1e12  # learners per arm; an effect that needs more is as good as none


def needed_per_arm(plan: Plan) -> int:
    """Return how many learners each arm needs, the cost of the looks included.

    Arms are sized as equal ones; with unequal shares the smaller arm is what counts. Where classes
    or cohorts are drawn, it counts their learners; where two rankers fill one list, the learners
    who get more from one of them.
    """
    if plan.interleaved:
        return _voters(plan)
    once = sample_size(
        effect=plan.mde * plan.baseline_mean,
        sd=plan.baseline_sd,
        alpha=plan.alpha,
        power_wanted=plan.power,
    )
    looks = sequential.inflation(plan.fractions, alpha=plan.alpha, power=plan.power)
    alone = min(once * looks, MOST)
    return ceil(alone if plan.unit == "learner" else _together(plan, alone))


def _together(plan: Plan, alone: float) -> float:
    """Return how many learners are as good as `alone` drawn one by one, in whole classes.

    Few classes cost more than the design effect says: the spread is known from the classes alone.
    """
    size, correlation = plan.cluster_size, plan.icc
    classes = ceil(alone * clusters.design_effect(size=size, correlation=correlation) / size)
    looks = sequential.inflation(plan.fractions, alpha=plan.alpha, power=plan.power)
    while classes < MANY_CLASSES and _power_of(plan, classes / looks) < plan.power:
        classes += 1
    return min(classes * size, MOST)


def _voters(plan: Plan) -> int:
    """Return how many learners the sign test needs, where mde is what a winner has beyond half."""
    once = interleaving.voters_needed(lead=plan.mde, alpha=plan.alpha, power=plan.power)
    looks = sequential.inflation(plan.fractions, alpha=plan.alpha, power=plan.power)
    return ceil(min(once * looks, MOST))


def _power_of(plan: Plan, classes: float) -> float:
    if classes < 2:
        return 0.0
    return clusters.power(
        classes_per_arm=classes,
        size=plan.cluster_size,
        effect=plan.mde * plan.baseline_mean,
        sd=plan.baseline_sd,
        correlation=plan.icc,
        alpha=plan.alpha,
    )


def check(context: Context) -> Finding | None:
    """Refuse a plan that cannot see its own effect, unless it is marked exploratory."""
    plan = context.plan
    shape = (plan.mde, plan.baseline_mean, plan.baseline_sd)
    if min(shape) <= 0 or not 0 < plan.alpha <= 0.1 or not 0.5 <= plan.power < 1:
        return Finding(
            gate="power",
            title="Power cannot be computed",
            detail=(
                "Give the smallest effect worth finding, the metric's mean and its standard "
                "deviation, all above 0; alpha at most 0.1, power at least 0.5 and below 1."
            ),
            evidence={"mde": plan.mde, "mean": plan.baseline_mean, "sd": plan.baseline_sd},
        )
    if plan.exploratory or not (_looks_usable(plan) and countable(plan)):  # other gates say so
        return None
    needed = needed_per_arm(plan)
    if plan.planned_per_arm >= needed:
        return None
    visible = plan.mde * sqrt(needed / max(plan.planned_per_arm, 1))
    return Finding(
        gate="power",
        title="Too few learners for this effect",
        detail=(
            f"An effect of {plan.mde:.1%} needs {needed:,} learners {_who(plan)}; "
            f"{plan.planned_per_arm:,} can see {visible:.1%}. Plan more learners, a larger effect, "
            "or mark it exploratory: then it may run, and never ships by itself."
        ),
        evidence={"needed": needed, "planned": plan.planned_per_arm, "visible": visible},
    )


def _who(plan: Plan) -> str:
    return "who get more from one ranker" if plan.interleaved else "in each arm"


def _looks_usable(plan: Plan) -> bool:
    days = plan.look_days
    return bool(days) and days[0] > 0 and sorted(set(days)) == list(days)
