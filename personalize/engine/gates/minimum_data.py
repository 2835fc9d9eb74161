"""Do enough learners stand behind the figures of the other gates? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

MIN_HELDOUT = 30  # learners; below it the standard error of a hit rate is above .09


def minimum_data(context: GateContext) -> GateFinding:
    """Pass when the metrics rest on at least MIN_HELDOUT learners."""
    return GateFinding(
        gate="minimum_data",
        passed=context.heldout >= MIN_HELDOUT,
        title="Enough held-out choices",
        detail=(
            f"The newest choice of {context.heldout:,} learners was held out; "
            f"at least {MIN_HELDOUT} are needed to judge a model."
        ),
        evidence={"heldout": float(context.heldout), "needed": float(MIN_HELDOUT)},
    )
