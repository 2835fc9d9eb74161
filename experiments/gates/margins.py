"""How much may a guardrail lose, and is that said before anybody has seen it? (measurement)"""

from experiments.data import Finding
from experiments.gates.context import Context
from experiments.metrics import MARGIN

MOST = 0.2  # of the control: who accepts a larger loss watches nothing


def check(context: Context) -> Finding | None:
    """Refuse margins that are not one a guardrail, or too wide to guard."""
    plan = context.plan
    fits = len(plan.margins) in {0, len(plan.guardrails)}
    if fits and all(0 < margin <= MOST for margin in plan.margins):
        return None
    return Finding(
        gate="margins",
        title="Margins are not clear",
        detail=(
            f"Give each guardrail a margin above 0 and at most {MOST:.0%} of the control, in the "
            f"order of the guardrails, or none at all: then it is {MARGIN:.0%} for each."
        ),
        evidence={"guardrails": list(plan.guardrails), "margins": list(plan.margins)},
    )
