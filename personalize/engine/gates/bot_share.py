"""Are there more robots and test accounts than a platform has on ordinary days? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

USUAL = 0.10  # share of learners of whom nothing is learned
REFUSED_ABOVE = 0.25


def bot_share(context: GateContext) -> GateFinding:
    """Pass while at most a quarter of the learners is left out for what they did."""
    share = context.quality.weightless_share
    detail = (
        f"{share:.1%} of {context.quality.learners:,} learners behave like programs and train "
        f"nothing; above {REFUSED_ABOVE:.0%} either they are an attack or the rules are wrong."
    )
    if share > USUAL:
        detail += f" Up to {USUAL:.0%} is usual: read the signal audit."
    return GateFinding(
        gate="bot_share",
        passed=share <= REFUSED_ABOVE,
        title="Learners who are people",
        detail=detail,
        evidence={"weightless_share": share, "learners": float(context.quality.learners)},
    )
