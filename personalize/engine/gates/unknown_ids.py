"""Do events name courses and learners that are not known here? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

USUAL = 0.05  # share of what was received in the last seven closed days
REFUSED_ABOVE = 0.20


def unknown_ids(context: GateContext) -> GateFinding:
    """Pass while at most a fifth of what is received names a course or learner not known."""
    share = context.quality.unknown_share
    detail = (
        f"{share:.1%} of {context.quality.received:,} events of the last seven closed days named a "
        f"course, module or learner not known here; a model is refused above {REFUSED_ABOVE:.0%}."
    )
    if share > USUAL:
        detail += f" Up to {USUAL:.0%} is usual: import the catalogue and replay what was refused."
    return GateFinding(
        gate="unknown_ids",
        passed=share <= REFUSED_ABOVE,
        title="Known courses and learners",
        detail=detail,
        evidence={"unknown_share": share, "received": float(context.quality.received)},
    )
