"""Did learners do more than before, and did they learn more? (L3, pure) Two times, two tracks.

A model that more is clicked with while less is learned has failed, whatever else it reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964  # two-sided
LEAST = 50  # learners of each time: of fewer nothing is said
WINSOR = 0.99  # who does a hundred lessons in a week counts as the hundredth does

ENGAGEMENT, PROGRESSION = "engagement", "progression"
Floats = NDArray[np.floating[Any]]


class Reading(StrEnum):
    """What both tracks together say of a model."""

    FAILED = "failed"  # more is done and less is learned
    WORSE = "worse"  # less is learned
    BETTER = "better"  # more is learned
    ONLY_ENGAGING = "only engaging"  # more is done; of learning nothing is clear
    LESS_USED = "less used"  # less is done; of learning nothing is clear
    NOT_CLEAR = "not clear"
    TOO_FEW = "too few"  # to say anything


@dataclass(frozen=True, slots=True)
class Moved:
    """A mean over learners at two times, and the difference with its 95% interval."""

    now: float
    before: float
    difference: float
    low: float
    high: float
    learners: int
    learners_before: int

    @property
    def direction(self) -> int:
        """Return 1 where it rose and -1 where it fell beyond chance, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def moved(now: Floats, before: Floats) -> Moved | None:
    """Return how a mean over learners moved; None where too few are known.

    The same learners stand in both for the most part; taken for independent, which a learner's own
    habits make them less than, the interval is wider than it need be.
    """
    if min(len(now), len(before)) < LEAST:
        return None
    bound = float(np.quantile(np.concatenate([now, before]), WINSOR))
    now, before = np.minimum(now, bound), np.minimum(before, bound)
    gap = float(now.mean() - before.mean())
    error = float(np.sqrt(now.var(ddof=1) / len(now) + before.var(ddof=1) / len(before)))
    return Moved(
        now=float(now.mean()),
        before=float(before.mean()),
        difference=gap,
        low=gap - Z95 * error,
        high=gap + Z95 * error,
        learners=len(now),
        learners_before=len(before),
    )


def read(tracks: Mapping[str, Moved | None]) -> Reading:
    """Return what engagement and progression say together."""
    engagement, progression = tracks[ENGAGEMENT], tracks[PROGRESSION]
    if engagement is None or progression is None:
        return Reading.TOO_FEW
    if progression.direction < 0:
        return Reading.FAILED if engagement.direction > 0 else Reading.WORSE
    if progression.direction > 0:
        return Reading.BETTER
    return (Reading.NOT_CLEAR, Reading.ONLY_ENGAGING, Reading.LESS_USED)[engagement.direction]
