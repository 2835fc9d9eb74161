"""What is a learner like, in numbers? Features of everything they did (L2, pure)."""

import math
from dataclasses import dataclass

import numpy as np

from signals.processing.activity import NOWHERE, Activity, Group, Mask
from signals.processing.recency import decayed_sum
from signals.processing.sessions import sessions

HALF_LIFE_DAYS = 14.0  # of activity: what was done a fortnight ago counts half


@dataclass(frozen=True, slots=True)
class Features:
    """One learner; moments in seconds since 1970. What quality gave no weight is not in it."""

    events: int
    first_at: float
    last_at: float
    active_days: int
    sessions: int
    session_minutes: float  # together
    courses_touched: int
    courses_completed: int
    lessons_completed: int
    score_mean: float | None  # of quizzes, 0..1
    activity: float  # actions, halved each fortnight, at last_at


def features(activity: Activity, *, weights: Mask) -> Features | None:
    """Return the features of the events that have weight; None where there is none."""
    kept = _only(activity, weights)
    if not len(kept):
        return None
    visits = sessions(kept)
    acted = kept.of(Group.ACTION)
    scores = kept.values[kept.of(Group.SCORED) & ~np.isnan(kept.values)].tolist()
    faded = decayed_sum(kept.at, acted.astype(np.float64), half_life_days=HALF_LIFE_DAYS)
    return Features(
        events=len(kept),
        first_at=float(kept.at[0]),
        last_at=float(kept.at[-1]),
        active_days=len(np.unique(kept.days())),
        sessions=len(visits),
        session_minutes=math.fsum(visit.ended - visit.began for visit in visits) / 60,
        courses_touched=_different(kept.courses),
        courses_completed=_different(kept.courses[kept.of(Group.COURSE_DONE)]),
        lessons_completed=_different(kept.modules[kept.of(Group.LESSON_DONE)]),
        score_mean=math.fsum(scores) / len(scores) if scores else None,
        activity=faded.value,
    )


def _different(places: np.ndarray) -> int:
    return len(set(places.tolist()) - {NOWHERE})


def _only(activity: Activity, which: Mask) -> Activity:
    return Activity(
        at=activity.at[which],
        kinds=activity.kinds[which],
        groups=activity.groups[which],
        courses=activity.courses[which],
        modules=activity.modules[which],
        values=activity.values[which],
        flags=activity.flags[which],
        sources=activity.sources[which],
    )
