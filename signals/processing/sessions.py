"""When was a learner here, and for how long? Sessions by inactivity, rebuilt alike (L2, pure)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.processing.activity import NOWHERE, Activity, Group

IDLE_S = 30 * 60.0  # a longer silence ends a session


@dataclass(frozen=True, slots=True)
class Session:
    """One coming of a learner; moments in seconds since 1970."""

    began: float
    ended: float
    events: int
    actions: int
    courses: int  # different ones


def session_numbers(at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the session each moment is in, from 0; moments ascend."""
    if not len(at):
        return np.zeros(0, np.int64)
    return np.concatenate([[0], np.cumsum(np.diff(at) > IDLE_S)]).astype(np.int64)


def sessions(activity: Activity) -> list[Session]:
    """Return the sessions of a learner, the oldest first."""
    if not len(activity):
        return []
    numbers = session_numbers(activity.at)
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    ends = np.append(starts[1:], len(numbers))
    acted = activity.of(Group.ACTION)
    return [
        Session(
            began=float(activity.at[start]),
            ended=float(activity.at[end - 1]),
            events=int(end - start),
            actions=int(acted[start:end].sum()),
            courses=len(set(activity.courses[start:end].tolist()) - {NOWHERE}),
        )
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
