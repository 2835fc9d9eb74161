"""Has a source fallen silent that usually sends? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

REFUSED_ABOVE = 0.5  # of all events of three weeks, sent by what is silent now


def silent_source(context: GateContext) -> GateFinding:
    """Pass while what is silent sent at most half of the events; name it in any case."""
    silent, share = context.quality.silent, context.quality.silent_share
    if not silent:
        detail = "Every source that usually sends has sent since yesterday."
    else:
        detail = (
            f"{', '.join(silent)} sent nothing since yesterday and {share:.0%} of all events of "
            f"three weeks before; a model is refused above {REFUSED_ABOVE:.0%}. Look at the "
            "sender, then run retrain."
        )
    return GateFinding(
        gate="silent_source",
        passed=share <= REFUSED_ABOVE,
        title="Sources that send",
        detail=detail,
        evidence={"silent_share": share, "silent": float(len(silent))},
    )
