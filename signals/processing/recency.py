"""How much does the past still count? Weights that halve with age (L2, pure)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.processing.activity import DAY_S


@dataclass(frozen=True, slots=True)
class Decayed:
    """A sum that fades: its value at the moment of its newest part, in seconds since 1970.

    Kept at that moment and not at the moment it was computed, the same events always give the
    same numbers; `at_moment` lets it fade to any later moment.
    """

    value: float
    at: float
    half_life_days: float

    def at_moment(self, now: float) -> float:
        """Return what is left of the sum at a moment not before its newest part."""
        return self.value * halved(now - self.at, half_life_days=self.half_life_days)


def halved(age_s: float, *, half_life_days: float) -> float:
    """Return the weight of something that old: 1 for new, 1/2 after a half-life."""
    return math.exp2(-max(age_s, 0.0) / (half_life_days * DAY_S))


def decayed_sum(
    at: NDArray[np.float64], weights: NDArray[np.float64], *, half_life_days: float
) -> Decayed:
    """Return the sum of weights (parallel to their moments), each halved with its age."""
    if not len(at):
        return Decayed(0.0, 0.0, half_life_days)
    newest = float(at.max())
    ages = (newest - at) / (half_life_days * DAY_S)
    # fsum: the exact sum, whatever order equal moments stand in
    return Decayed(math.fsum((weights * np.exp2(-ages)).tolist()), newest, half_life_days)
