"""Did learners do more than before, and did they learn more? (L3, pure) Two times, two tracks.

A model that more is clicked with while less is learned has failed, whatever else it reached. What
moved with those who get no list of a model, too, was not moved by one and is taken off.
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
    """A mean over learners at two times, and the difference with its 95% interval.

    Where enough got no list of a model, `beside` is how their mean moved, and is taken off.
    """

    now: float
    before: float
    difference: float
    low: float
    high: float
    learners: int
    learners_before: int
    beside: float | None = None

    @property
    def direction(self) -> int:
        """Return 1 where it rose and -1 where it fell beyond chance, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def moved(
    now: Floats, before: Floats, *, beside: tuple[Floats, Floats] | None = None
) -> Moved | None:
    """Return how a mean over learners moved; None where too few are known.

    beside is the same of learners who get no list of a model, now and before: a difference of
    differences, of which those who are not enough are no part. The same learners stand in both
    times for the most part; taken for independent, the interval is wider than it need be.
    """
    if min(len(now), len(before)) < LEAST:
        return None
    bound = float(np.quantile(np.concatenate([now, before]), WINSOR))
    gap, variance = _gap(np.minimum(now, bound), np.minimum(before, bound))
    other: float | None = None
    if beside is not None and min(map(len, beside)) >= LEAST:
        other, other_variance = _gap(np.minimum(beside[0], bound), np.minimum(beside[1], bound))
        gap, variance = gap - other, variance + other_variance
    half = Z95 * float(np.sqrt(variance))
    return Moved(
        now=float(np.minimum(now, bound).mean()),
        before=float(np.minimum(before, bound).mean()),
        difference=gap,
        low=gap - half,
        high=gap + half,
        learners=len(now),
        learners_before=len(before),
        beside=other,
    )


def _gap(now: Floats, before: Floats) -> tuple[float, float]:
    """Return the difference of two means and its variance."""
    variance = now.var(ddof=1) / len(now) + before.var(ddof=1) / len(before)
    return float(now.mean() - before.mean()), float(variance)


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
