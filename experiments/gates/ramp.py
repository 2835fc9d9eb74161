"""Is it opened to few learners first, and to more in small steps? (measurement)

A step protects where harm would be noticed in it. Where the platform is so small that a first step
would not notice a loss of three times the margin, waiting in it protects nobody: the plan may
begin at the smallest usual step that would, and where none does, with everybody.
"""

from itertools import pairwise
from math import isclose, isfinite

from experiments.data import FIRST_EXPERIMENT, RAMP, Finding, Plan
from experiments.gates.context import Context
from experiments.stats.noticing import Level, noticed_share

STEEPEST = 2.5  # times as many learners as in the step before
MARGINS = 3.0  # of loss that a step has to notice to be worth its wait


def check(context: Context) -> Finding | None:
    """Refuse a ramp that does not climb to everybody, climbs too fast, or begins too high."""
    plan = context.plan
    if plan.interleaved:  # the gate for what is interleaved asks for none, and says why
        return None
    if not _climbs(plan.ramp):
        return _finding(
            plan,
            "Give the shares of learners it is opened to: ascending, above 0, in tenths of a "
            "percent, the last one 1.",
        )
    if any(after > STEEPEST * before + 1e-9 for before, after in pairwise(plan.ramp)):
        return _finding(
            plan, f"Let in at most {STEEPEST:g} times as many at each step, as 10, 25, 50, 100%."
        )
    highest = first_share(plan)
    if plan.ramp[0] > highest and plan.key != FIRST_EXPERIMENT:
        return _finding(
            plan,
            f"Begin with {highest:.0%} of learners or fewer: that many are enough to notice a "
            "loss while few would suffer it.",
        )
    return None


def first_share(plan: Plan) -> float:
    """Return with which share a plan may begin: the smallest usual one that would notice harm."""
    level = Level(plan.baseline_mean, plan.baseline_sd)
    if min(level.mean, level.sd) <= 0:  # the gate for power speaks of that
        return RAMP[-1]
    loss = MARGINS * min(plan.margin(metric) for metric in plan.metrics)
    return next(
        (share for share in RAMP if _notices(plan, level, share=share, loss=loss)), RAMP[-1]
    )


def _notices(plan: Plan, level: Level, *, share: float, loss: float) -> bool:
    alpha = plan.alpha / len(plan.metrics)
    if not 0 < alpha < 0.5:
        return False
    return noticed_share(level, per_arm=share * plan.planned_per_arm, alpha=alpha) <= loss


def _climbs(ramp: tuple[float, ...]) -> bool:
    if not all(isfinite(share) for share in ramp):
        return False
    tenths = all(isclose(share * 1000, round(share * 1000), abs_tol=1e-6) for share in ramp)
    ascending = all(before < after for before, after in pairwise(ramp))
    return bool(ramp) and ramp[0] > 0 and ramp[-1] == 1 and tenths and ascending


def _finding(plan: Plan, detail: str) -> Finding:
    return Finding(
        gate="ramp",
        title="It is opened too fast",
        detail=detail,
        evidence={"ramp": list(plan.ramp)},
    )
