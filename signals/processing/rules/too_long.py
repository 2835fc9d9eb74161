"""Is somebody here for longer than people are awake? (L2, pure)"""

import numpy as np

from signals.processing.activity import DAY_S, Activity, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity
from signals.processing.sessions import IDLE_S

MOST_HOURS = 16.0
HOUR_S = 3600.0


def hours_of_days(activity: Activity) -> tuple[np.ndarray, np.ndarray]:
    """Return (days since 1970, hours of presence on each); silences over 30 min do not count."""
    gaps = np.diff(activity.at)
    begins, spans = activity.at[:-1][gaps <= IDLE_S], gaps[gaps <= IDLE_S]
    day = np.floor_divide(begins, DAY_S)
    before = np.minimum(spans, (day + 1) * DAY_S - begins)  # what lies before midnight
    days, place = np.unique(np.concatenate([day, day + 1]), return_inverse=True)
    present = np.bincount(place, np.concatenate([before, spans - before]), minlength=len(days))
    return days.astype(np.int64), present / HOUR_S


def find(activity: Activity, _: Surroundings) -> Mask:
    """Return the events of days with more than 16 hours of presence."""
    days, hours = hours_of_days(activity)
    found: Mask = np.isin(activity.days(), days[hours > MOST_HOURS])
    return found


def tell(activity: Activity, found: Mask) -> str:
    """Say for how long it was."""
    days, hours = hours_of_days(activity)
    most = hours[np.isin(days, activity.days()[found])].max(initial=0.0)
    return f"{most:.0f} hours of presence in one day"


RULE = Rule(
    code=12,
    name="too_long",
    version=1,
    title="More than 16 hours in a day",
    severity=Severity.MEDIUM,
    owner="analyst",
    action="Look for a program, or an account that many people share.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
    against_learner=True,
)
