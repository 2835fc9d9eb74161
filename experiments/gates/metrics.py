"""Is every metric of the plan one that can be computed? (measurement)"""

from experiments.data import Finding
from experiments.gates.context import Context
from experiments.metrics import CREDITS, MEASURED


def check(context: Context) -> Finding | None:
    """Refuse unknown and doubled metrics."""
    named = context.plan.metrics
    known = CREDITS if context.plan.interleaved else MEASURED
    unknown = [name for name in named if name not in known]
    if not unknown and len(set(named)) == len(named):
        return None
    return Finding(
        gate="metrics",
        title="A metric is not known",
        detail=f"Use each metric once, out of: {', '.join(known)}.",
        evidence={"unknown": unknown, "metrics": list(named)},
    )
