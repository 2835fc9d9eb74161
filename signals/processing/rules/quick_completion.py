"""Was something completed in under a tenth of the time it is said to take? (L2, pure)

Testing out is welcome, so the choice counts in full; as progress it is told apart.
"""

from collections.abc import Mapping

import numpy as np

from signals.processing.activity import (
    FLAG_BACKFILL,
    NOWHERE,
    Activity,
    Group,
    Mask,
    Surroundings,
)
from signals.processing.rules.rule import Effect, Rule, Severity

LEAST_SHARE = 0.1
MINUTE_S = 60.0


def find(activity: Activity, surroundings: Surroundings) -> Mask:
    """Return completions that came too soon after the first sign of that lesson or course.

    A completion without an earlier sign, and one of a backfill, says nothing of the time it took.
    """
    lessons = _too_soon(activity, activity.modules, surroundings.module_minutes, Group.LESSON_DONE)
    courses = _too_soon(activity, activity.courses, surroundings.course_minutes, Group.COURSE_DONE)
    return (lessons | courses) & ~activity.flagged(FLAG_BACKFILL)


def _too_soon(
    activity: Activity, places: np.ndarray, minutes: Mapping[int, float], done: Group
) -> Mask:
    found = np.zeros(len(activity), bool)
    of_done = activity.of(done)
    for at in np.flatnonzero(of_done & (places != NOWHERE)).tolist():
        signs = np.flatnonzero((places[:at] == places[at]) & ~of_done[:at])
        stated_s = MINUTE_S * minutes.get(int(places[at]), 0.0)
        if len(signs):
            found[at] = activity.at[at] - activity.at[signs[0]] < LEAST_SHARE * stated_s
    return found


def tell(_: Activity, found: Mask) -> str:
    """Say how many."""
    return f"{found.sum()} completions of a day in under a tenth of the stated time"


RULE = Rule(
    code=14,
    name="quick_completion",
    version=1,
    title="Completed in under a tenth of the stated time",
    severity=Severity.LOW,
    owner="creator",
    action="Check the stated duration of the course; offer to test out where many do.",
    effect=Effect.MARKED,
    find=find,
    tell=tell,
)
