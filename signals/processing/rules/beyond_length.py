"""Was more of a lesson watched at once than it holds? (L2, pure)

A share above 1 is refused at the door; seconds can only be held against the stated length.
"""

import numpy as np

from signals.processing.activity import Activity, Group, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

SLACK = 1.5  # stated lengths are rounded, and pausing goes on for a while
MINUTE_S = 60.0


def find(activity: Activity, surroundings: Surroundings) -> Mask:
    """Return stretches of watching longer than their lesson."""
    minutes = surroundings.module_minutes
    lengths = MINUTE_S * np.array(
        [minutes.get(module) or np.inf for module in activity.modules.tolist()], np.float64
    )
    found: Mask = activity.of(Group.WATCHED) & (activity.values > SLACK * lengths)
    return found


def tell(_: Activity, found: Mask) -> str:
    """Say how many."""
    return f"{found.sum()} stretches of a day longer than the lesson they are in"


RULE = Rule(
    code=15,
    name="beyond_length",
    version=1,
    title="Progress beyond the length",
    severity=Severity.LOW,
    owner="creator",
    action="Check the stated length of the lesson; else the player of the source counts wrongly.",
    effect=Effect.MARKED,
    find=find,
    tell=tell,
)
