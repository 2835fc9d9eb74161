"""Is it a member of staff who looks at courses for work? (L2, pure)"""

import numpy as np

from signals.processing.activity import Activity, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

KIND = "staff"


def find(activity: Activity, surroundings: Surroundings) -> Mask:
    """Return everything where the account is one of staff."""
    return np.full(len(activity), surroundings.learner_kind == KIND)


def tell(_: Activity, found: Mask) -> str:
    """Say how much staff did on a day."""
    return f"{found.sum()} events of staff on a day"


RULE = Rule(
    code=9,
    name="staff",
    version=1,
    title="Staff",
    severity=Severity.LOW,
    owner="analyst",
    action="Nothing; what staff look at is kept out of training.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
    against_learner=True,
)
