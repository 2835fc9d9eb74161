"""Does the plan say what it serves and what will be done, so that nobody decides afterwards?"""

from experiments.data import Finding
from experiments.gates.context import Context

FEWEST_WORDS = 6
SINCE = 2  # the plan format that brought these sentences


def check(context: Context) -> Finding | None:
    """Refuse a missing outcome or decision rule; plans registered before there were any pass."""
    plan = context.plan
    said = {"outcome served": plan.serves, "decision rule": plan.decision_rule}
    missing = [name for name, text in said.items() if len(text.split()) < FEWEST_WORDS]
    if plan.format < SINCE or not missing:
        return None
    return Finding(
        gate="sentences",
        title="Outcome or decision rule is missing",
        detail=(
            f"Write as a sentence: {' and '.join(missing)}. It says which outcome of learners this "
            "serves, and what will be done for which reading."
        ),
        evidence={"missing": missing},
    )
