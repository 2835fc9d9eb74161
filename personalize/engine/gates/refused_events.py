"""Is more refused at the door than in ordinary weeks? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

USUAL = 0.10  # share of what was received in the last seven closed days
REFUSED_ABOVE = 0.30


def refused_events(context: GateContext) -> GateFinding:
    """Pass while less than a third of what is received has to be refused."""
    share = context.quality.refused_share
    detail = (
        f"{share:.1%} of {context.quality.received:,} events of the last seven closed days were "
        f"refused; a model is refused above {REFUSED_ABOVE:.0%}, since it would learn from a part."
    )
    if share > USUAL:
        detail += f" Up to {USUAL:.0%} is usual: read the signal audit."
    return GateFinding(
        gate="refused_events",
        passed=share <= REFUSED_ABOVE,
        title="Events taken in",
        detail=detail,
        evidence={"refused_share": share, "received": float(context.quality.received)},
    )
