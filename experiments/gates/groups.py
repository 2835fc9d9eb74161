"""Where whole classes are drawn: is it said how alike their learners are? (measurement)

Who learns together does alike, so a class of 24 tells less than 24 learners drawn one by one. A
plan that leaves that out counts the same evidence many times and finds what is not there.
"""

from experiments.data import UNITS, Finding, Plan
from experiments.gates.context import Context

MOST = 10_000  # learners in one class


def check(context: Context) -> Finding | None:
    """Refuse a plan for classes or cohorts without their size and likeness, and others with it."""
    plan = context.plan
    alone = plan.unit == "learner"
    if plan.unit not in UNITS or countable(plan):  # the gate for the draw speaks of the former
        return None
    detail = (
        "Learners are drawn one by one: leave icc at 0 and the size at 1."
        if alone
        else f"Say how many learners a {plan.unit} has (above 1), and as icc how alike they are in "
        "the primary metric, between 0 and 1; 0.05 to 0.2 is usual where a teacher is shared."
    )
    return Finding(
        gate="groups",
        title="How classes count is not clear",
        detail=detail,
        evidence={"unit": plan.unit, "icc": plan.icc, "cluster_size": plan.cluster_size},
    )


def countable(plan: Plan) -> bool:
    """Say whether it is clear what a class counts for, and that a learner counts as one."""
    if plan.unit == "learner":
        return plan.icc == 0 and plan.cluster_size == 1
    return 0 < plan.icc < 1 < plan.cluster_size <= MOST
