"""Do actions follow each other at equal intervals, as programs do? (L2, pure)"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from signals.processing.activity import Activity, Group, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

IN_A_ROW = 12  # intervals
ALIKE = 0.02  # share of the interval by which they may differ
TICK_S = 0.05  # or this much, whatever the interval
LEAST_S = 0.5  # what is closer came in one batch of the platform, such as a class enrolled at once
MOST_S = 3600.0


def find(activity: Activity, _: Surroundings) -> Mask:
    """Return the actions of 12 and more equal intervals in a row."""
    found = np.zeros(len(activity), bool)
    acts = np.flatnonzero(activity.of(Group.ACTION))
    if len(acts) <= IN_A_ROW:
        return found
    rows = sliding_window_view(np.diff(activity.at[acts]), IN_A_ROW)
    least, most = rows.min(axis=1), rows.max(axis=1)
    alike = most - least <= np.maximum(TICK_S, ALIKE * most)
    for start in np.flatnonzero(alike & (least >= LEAST_S) & (most <= MOST_S)).tolist():
        found[acts[start : start + IN_A_ROW + 1]] = True
    return found


def tell(activity: Activity, found: Mask) -> str:
    """Say how many and how far apart."""
    gaps = np.diff(activity.at[found])
    return f"{found.sum()} actions of a day, each {np.median(gaps):.0f} seconds after the last"


RULE = Rule(
    code=13,
    name="identical_intervals",
    version=1,
    title="Actions at equal intervals",
    severity=Severity.HIGH,
    owner="analyst",
    action="Look at the source's access log; block the program or give it a test account.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
    against_learner=True,
)
