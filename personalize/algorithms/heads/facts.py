"""What is known of learners strictly before a moment? (L3, pure)

Facts carry their own time, in days since the epoch, and may come late and in any order: what is
known before a moment depends on those times alone.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.float64]


class Kind(IntEnum):
    """What happened between a learner and a course."""

    VIEWED = 1
    STARTED = 2  # a lesson touched
    ENROLLED = 3
    COMPLETED = 4
    LEFT = 5
    STUDIED = 6  # anything else that was done in it
    SCORED = 7  # a quiz, with a share of its points


class Touch(IntEnum):
    """The strongest thing a learner did in a course; the codes of signals.data.Touch."""

    VIEWED = 1
    STARTED = 2
    ENROLLED = 3
    COMPLETED = 4
    LEFT = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened, sorted by learner, then time; parallel arrays. Courses count from 0.

    shares are of a quiz's points, 0..1, nan where nothing was scored.
    """

    learners: NDArray[np.int64]
    courses: NDArray[np.int32]
    kinds: NDArray[np.int8]
    times: Days
    shares: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        learners: NDArray[Any],
        courses: NDArray[Any],
        kinds: NDArray[Any],
        times: NDArray[Any],
        shares: NDArray[Any] | None = None,
    ) -> "Facts":
        """Return facts that came in any order; what was sent twice counts once."""
        if shares is None:
            shares = np.full(len(times), np.nan)
        order = np.lexsort((shares, kinds, courses, times, learners))
        found = cls(
            np.asarray(learners, np.int64)[order],
            np.asarray(courses, np.int32)[order],
            np.asarray(kinds, np.int8)[order],
            np.asarray(times, np.float64)[order],
            np.asarray(shares, np.float64)[order],
        )
        if not len(order):
            return found
        arrays = (found.learners, found.courses, found.kinds, found.times, _plain(found.shares))
        changed = np.any([array[1:] != array[:-1] for array in arrays], axis=0)
        return found.take(np.concatenate([[True], changed]))

    def take(self, rows: NDArray[Any] | slice) -> "Facts":
        """Return some rows: a mask, sorted positions or a slice."""
        return Facts(
            self.learners[rows],
            self.courses[rows],
            self.kinds[rows],
            self.times[rows],
            self.shares[rows],
        )

    def before(self, moment: float) -> "Facts":
        """Return what happened strictly before a moment."""
        return self.take(self.times < moment)

    def of_learner(self, learner: int) -> "Facts":
        """Return the facts of one learner."""
        begin, end = np.searchsorted(self.learners, [learner, learner + 1])
        return self.take(slice(int(begin), int(end)))


def _plain(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares that can be compared: nan is no number and differs from itself."""
    return np.nan_to_num(shares, nan=-1.0)


@dataclass(frozen=True, slots=True)
class State:
    """Where one learner stands: what was done last in each course, oldest first.

    The same that the serving decision reads (signals.data.LearnerState), in days.
    """

    courses: NDArray[np.int32]
    touches: NDArray[np.int8]
    last_at: Days
    score: float = math.nan  # mean share of the points of quizzes, nan without any


def state_before(own: Facts, moment: float) -> State:
    """Return where the learner of these facts stood just before a moment."""
    until = int(np.searchsorted(own.times, moment, side="left"))
    courses, place = np.unique(own.courses[:until], return_inverse=True)
    kinds, times = own.kinds[:until], own.times[:until]
    newest = np.full((len(Kind) + 1, len(courses)), -np.inf)
    np.maximum.at(newest, (kinds, place), times)
    enrolled, left = newest[Kind.ENROLLED], newest[Kind.LEFT]
    started = np.maximum(newest[Kind.STARTED], newest[Kind.SCORED])
    touches = np.select(
        [
            newest[Kind.COMPLETED] > -np.inf,
            (left > -np.inf) & (left >= enrolled),
            enrolled > -np.inf,
            started > -np.inf,
        ],
        [Touch.COMPLETED, Touch.LEFT, Touch.ENROLLED, Touch.STARTED],
        Touch.VIEWED,
    ).astype(np.int8)
    last_at = newest.max(axis=0, initial=-np.inf)
    order = np.lexsort((courses, last_at))
    scored = own.shares[:until][kinds == Kind.SCORED]
    score = float(scored.mean()) if len(scored) else math.nan
    return State(courses[order].astype(np.int32), touches[order], last_at[order], score)
