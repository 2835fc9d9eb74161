"""Was a course opened by accident: back in under 3 seconds, and nothing after? (L2, pure)

Back is the learner's next sign of life anywhere else. Nothing after: no later event of theirs is
about that course. A click and the view it leads to stand together and fall together. Whoever did
more with the course in those seconds meant it.
"""

import numpy as np

from signals.processing.activity import NOWHERE, Activity, Group, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

BACK_WITHIN_S = 3.0


def find(activity: Activity, _: Surroundings) -> Mask:
    """Return the openings that were accidents."""
    found = np.zeros(len(activity), bool)
    placed = np.flatnonzero(activity.courses != NOWHERE)
    if not len(placed):
        return found
    light = activity.of(Group.LIGHT)
    order = placed[np.argsort(activity.courses[placed], kind="stable")]
    starts = np.flatnonzero(np.diff(activity.courses[order], prepend=NOWHERE))
    for of_course in np.split(order, starts[1:]):
        last = int(of_course[-1])
        if light[last]:
            found[_slip(activity, of_course, light)] = True
    return found


def _slip(activity: Activity, of_course: np.ndarray, light: Mask) -> np.ndarray:
    """Return the last openings of a course if they were one slip; `of_course` ascends."""
    back_at = _next_elsewhere(activity, int(of_course[-1]))
    together = of_course[back_at - activity.at[of_course] < BACK_WITHIN_S]
    meant = not len(together) or not light[together].all()
    return of_course[:0] if meant else together


def _next_elsewhere(activity: Activity, last: int) -> float:
    """Return when the learner next did something after the last event about a course.

    Events of that very moment do not count: they came together with it, in no known order.
    """
    after = int(np.searchsorted(activity.at, activity.at[last], side="right"))
    return float(activity.at[after]) if after < len(activity) else np.inf


def tell(_: Activity, found: Mask) -> str:
    """Say how many slips there were."""
    return f"{found.sum()} openings of a day left again within {BACK_WITHIN_S:.0f} seconds"


RULE = Rule(
    code=10,
    name="accidental_click",
    version=1,
    title="Accidental click",
    severity=Severity.LOW,
    owner="analyst",
    action="Where one page has many, look at its layout: cards may be too close together.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
)
