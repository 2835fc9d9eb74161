"""Can the planned number of learners see the effect that is worth finding? (measurement)"""

from math import ceil, sqrt

from experiments.data import Finding, Plan
from experiments.gates.context import Context
from experiments.stats import sequential
from experiments.stats.power import sample_size

MOST = 1e12  # learners per arm; an effect that needs more is as good as none


def needed_per_arm(plan: Plan) -> int:
    """Return how many learners each arm needs, the cost of the looks included.

    Arms are sized as equal ones; with unequal shares the smaller arm is what counts.
    """
    once = sample_size(
        effect=plan.mde * plan.baseline_mean,
        sd=plan.baseline_sd,
        alpha=plan.alpha,
        power_wanted=plan.power,
    )
    looks = sequential.inflation(plan.fractions, alpha=plan.alpha, power=plan.power)
    return ceil(min(once * looks, MOST))


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
    if plan.exploratory or not _looks_usable(plan):  # the gate for looks speaks of the latter
        return None
    needed = needed_per_arm(plan)
    if plan.planned_per_arm >= needed:
        return None
    visible = plan.mde * sqrt(needed / max(plan.planned_per_arm, 1))
    return Finding(
        gate="power",
        title="Too few learners for this effect",
        detail=(
            f"An effect of {plan.mde:.1%} needs {needed:,} learners in each arm; "
            f"{plan.planned_per_arm:,} can see {visible:.1%}. Plan more learners, a larger effect, "
            "or mark it exploratory: then it may run, and never ships by itself."
        ),
        evidence={"needed": needed, "planned": plan.planned_per_arm, "visible": visible},
    )


def _looks_usable(plan: Plan) -> bool:
    days = plan.look_days
    return bool(days) and days[0] > 0 and sorted(set(days)) == list(days)
