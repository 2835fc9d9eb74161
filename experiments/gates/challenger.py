"""Does an arm that names a model name one that learners can be given? (measurement)

Who is in an arm nobody serves is given the live model: such an experiment compares it with itself.
"""

from experiments.data import MODEL_ARM, Finding
from experiments.gates.context import Context


def check(context: Context) -> Finding | None:
    """Refuse a control that names another model than the live one, or a variant that none waits by.

    Arms that name no model are none of this check's business.
    """
    served = context.models
    wrong = [
        name
        for place, name in enumerate(context.plan.variants)
        if name.startswith(MODEL_ARM) and served[place : place + 1] != (name,)
    ]
    if not wrong:
        return None
    named = f"It is: control {served[0]}, variant {served[1]}." if served else ""
    return Finding(
        gate="challenger",
        title="No such model waits",
        detail=(
            f"{' and '.join(wrong)} is no model that can be compared: the control is the live one, "
            f"the variant the challenger. {named or 'No challenger waits: run retrain first.'}"
        ),
        evidence={"variants": list(context.plan.variants), "models": list(served)},
    )
