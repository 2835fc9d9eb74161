"""Does the plan say what is believed, in a sentence somebody else can judge? (measurement)"""

from experiments.data import Finding
from experiments.gates.context import Context

FEWEST_WORDS = 6


def check(context: Context) -> Finding | None:
    """Refuse a hypothesis that is no sentence."""
    words = len(context.plan.hypothesis.split())
    if words >= FEWEST_WORDS:
        return None
    return Finding(
        gate="hypothesis",
        title="No hypothesis",
        detail="Write the hypothesis as a sentence: if we do this, then that changes, because.",
        evidence={"words": words},
    )
