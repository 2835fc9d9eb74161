"""Does somebody act faster than a hand can, for minutes? (L2, pure)"""

import numpy as np

from signals.processing.activity import Activity, Group, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

MOST_A_MINUTE = 60
SUSTAINED_MINUTES = 2  # in a row; one alone may be a queue that was emptied
MINUTE_S = 60.0


def find(activity: Activity, _: Surroundings) -> Mask:
    """Return the actions of minutes with more than 60, two or more in a row."""
    found = np.zeros(len(activity), bool)
    acts = np.flatnonzero(activity.of(Group.ACTION))
    minutes, place, counts = np.unique(
        np.floor_divide(activity.at[acts], MINUTE_S), return_inverse=True, return_counts=True
    )
    busy = counts > MOST_A_MINUTE
    beside = np.diff(minutes) == 1
    follows = np.zeros(len(busy), bool)
    follows[1:] = busy[1:] & busy[:-1] & beside
    leads = np.zeros(len(busy), bool)
    leads[:-1] = follows[1:]
    found[acts] = (follows | leads)[place]
    return found


def tell(activity: Activity, found: Mask) -> str:
    """Say how fast it was."""
    _, counts = np.unique(np.floor_divide(activity.at[found], MINUTE_S), return_counts=True)
    return f"{counts.max(initial=0)} actions in one minute, in {len(counts)} minutes of a day"


RULE = Rule(
    code=11,
    name="too_fast",
    version=1,
    title="More than 60 actions a minute, for minutes",
    severity=Severity.HIGH,
    owner="analyst",
    action="Look at the source's access log; block the program or give it a test account.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
    against_learner=True,
)
