"""Does it end within a year, the steps by which it is opened included? (measurement)

Looks are counted from the day it is open to all, and a step waits until what may not fall was
measured for enough learners: the more steps and the fewer learners a day, the later they come.
"""

from math import ceil, inf, isfinite

from experiments.data import STEP_DAYS, Finding, Plan
from experiments.gates.context import Context
from experiments.metrics import METRICS
from experiments.stats.noticing import Level, noticed_share

MOST_DAYS = 365  # afterwards seasons, courses and learners are others


def check(context: Context) -> Finding | None:
    """Refuse a plan that would not end in time however many learners come a day."""
    plan = context.plan
    if not all(map(isfinite, plan.ramp)):  # the gate for the ramp speaks of that
        return None
    days = opening_days(plan, a_day=inf) + max(plan.look_days, default=0)
    if days <= MOST_DAYS:
        return None
    return Finding(
        gate="duration",
        title="It takes too long",
        detail=too_long(plan, days),
        evidence={"days": days, "most": MOST_DAYS},
    )


def too_long(plan: Plan, days: int) -> str:
    """Return what to do about a plan that would take so many days."""
    steps = f", the {len(plan.ramp)} steps of its opening included" if len(plan.ramp) > 1 else ""
    about = f"more than {MOST_DAYS}" if days > MOST_DAYS else f"{days}"
    return (
        f"It would take {about} days{steps}; {MOST_DAYS} are the most. Look earlier, plan fewer "
        "learners for a larger effect, or open it in fewer steps."
    )


def opening_days(plan: Plan, *, a_day: float) -> int:
    """Return after how many days it is open to all, if so many learners an arm come a day by then.

    As `ramp` takes the steps: each lasts three days at least, and until a loss as large as the
    margin would be noticed, or as many are measured as the plan has for the step. Somebody is
    measured once the longest window of what may not fall has passed. No more than a year is told.
    """
    enough, wait = _noticing(plan), _wait(plan)
    exposed, lasted = [0.0], 0
    for share in plan.ramp[:-1]:
        wanted = min(ceil(plan.planned_per_arm * share), enough)
        lasted = 0
        while lasted < STEP_DAYS or _measured(exposed, wait) < wanted:
            exposed.append(exposed[-1] + a_day * share)
            lasted += 1
            if len(exposed) > MOST_DAYS:
                return MOST_DAYS + 1
    return len(exposed) - 1


def _measured(exposed: list[float], wait: int) -> float:
    return exposed[-1 - wait] if len(exposed) > wait else 0.0


def _wait(plan: Plan) -> int:
    known = [METRICS[metric] for metric in plan.protected]
    return max((metric.longest_days for metric in known if metric.waits), default=0)


def _noticing(plan: Plan) -> float:
    """Return with how many learners an arm the loss is noticed that has to be; inf where never.

    By the level and spread of the primary metric, which are all a plan knows.
    """
    level = Level(plan.baseline_mean, plan.baseline_sd)
    alpha = plan.alpha / max(len(plan.protected), 1)
    if min(level.mean, level.sd) <= 0 or not 0 < alpha < 0.5 or not plan.protected:
        return inf
    loss = min(plan.margin(metric) for metric in plan.protected)
    few, many = 1.0, float(max(plan.planned_per_arm, 2))
    if not noticed_share(level, per_arm=many, alpha=alpha) <= loss:
        return inf
    while many - few > 1:
        middle = (few + many) // 2
        if noticed_share(level, per_arm=middle, alpha=alpha) <= loss:
            many = middle
        else:
            few = middle
    return many
