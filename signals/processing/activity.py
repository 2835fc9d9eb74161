"""What did one learner do, as arrays? What every rule, session and feature reads (L2, pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

FLAG_LATE = 1
FLAG_BACKFILL = 2
FLAG_FROM_RECOMMENDATION = 4
FLAG_CRAWLER = 16

NOWHERE = -1  # no course, no module
DAY_S = 86_400.0


class Group(IntFlag):
    """What kinds of events mean to rules and features, so that neither knows kinds by name."""

    NONE = 0
    ACTION = 1  # a person did it with a hand on the device: no heartbeat, no list that appeared
    LIGHT = 2  # opening something: it may be an accident
    ENROLLED = 4
    LESSON_STARTED = 8
    LESSON_DONE = 16
    COURSE_DONE = 32
    SCORED = 64  # the value is a share 0..1
    WATCHED = 128  # the value is seconds
    SEEKED = 256  # the value is below 0 for a rewind, above 0 for a skip
    HISTORY = 512  # it is counted in the learner's history of its course


@dataclass(frozen=True, slots=True)
class Activity:
    """The stored events of one learner, each once, in the one order of `normalize`.

    Parallel arrays: at float64 (seconds since 1970, as sent), kinds int16, groups int32 (Group),
    courses and modules int32 (NOWHERE where there is none), values float64 (nan: none), flags
    int16, sources int32.
    """

    at: NDArray[np.float64]
    kinds: NDArray[np.int16]
    groups: NDArray[np.int32]
    courses: NDArray[np.int32]
    modules: NDArray[np.int32]
    values: NDArray[np.float64]
    flags: NDArray[np.int16]
    sources: NDArray[np.int32]

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self.at)

    def of(self, groups: Group) -> Mask:
        """Return which events belong to any of the groups."""
        found: Mask = (self.groups & int(groups)) != 0
        return found

    def flagged(self, flag: int) -> Mask:
        """Return which events carry a flag."""
        found: Mask = (self.flags & flag) != 0
        return found

    def days(self) -> NDArray[np.int64]:
        """Return the day of each event, in days since 1970, UTC."""
        return np.floor_divide(self.at, DAY_S).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What has to be known beside the events: who it is, and how long things take."""

    learner_kind: str = "real"
    course_minutes: Mapping[int, float] = field(default_factory=dict)
    module_minutes: Mapping[int, float] = field(default_factory=dict)
    module_formats: Mapping[int, str] = field(default_factory=dict)
