"""Does the model still show the breadth of the catalogue? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

FLOOR = 0.10  # share of the courses that reach somebody's ten


def coverage(context: GateContext) -> GateFinding:
    """Pass when at least FLOOR of the courses is in the first ten of some held-out learner.

    Where few learners are held out even distinct lists cannot cover much, so the floor is never
    above a tenth of what their places could hold.
    """
    covered = context.metrics["blend"]["coverage@10"]
    reachable = min(1.0, 10 * context.heldout / max(context.courses, 1))
    floor = FLOOR * reachable
    return GateFinding(
        gate="coverage",
        passed=covered >= floor,
        title="Breadth of the catalogue",
        detail=(
            f"{covered:.0%} of {context.courses:,} courses are in the first ten of at least one "
            f"of {context.heldout:,} learners; the floor is {floor:.0%}."
        ),
        evidence={"coverage@10": covered, "floor": floor},
    )
