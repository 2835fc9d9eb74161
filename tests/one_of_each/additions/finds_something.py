"""Does the model find anything at all? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext


def finds_something(context: GateContext) -> GateFinding:
    """Pass when at least one held-out choice is in the first ten."""
    found = context.metrics["blend"]["hr@10"]
    return GateFinding(
        gate="finds_something",
        passed=found > 0,
        title="Finds something",
        detail=f"{found:.0%} of the held-out choices are in the first ten.",
        evidence={"hr@10": found},
    )
