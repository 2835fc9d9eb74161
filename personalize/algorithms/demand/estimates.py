"""How sure is a count, a share, a change over weeks? (L3, pure) 95% intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

Z95 = 1.959964
FEWEST_WEEKS = 4  # of which a slope is told with an interval


@dataclass(frozen=True, slots=True)
class Trend:
    """By how much a mean week's count changes a week: a share of the mean, with its interval."""

    slope: float
    low: float
    high: float
    weeks: int

    @property
    def direction(self) -> str:
        """Return up, down or flat: flat where zero is in the interval."""
        return "up" if self.low > 0 else "down" if self.high < 0 else "flat"


def wilson(hits: float, base: float) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927); base above 0."""
    share = hits / base
    scale = 1 + Z95**2 / base
    middle = (share + Z95**2 / (2 * base)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / base + Z95**2 / (4 * base**2)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def count_interval(count: float) -> tuple[float, float]:
    """Return the interval of a count among very many: Wilson's where the base has no end."""
    half = Z95 * math.sqrt(count + Z95**2 / 4)
    middle = count + Z95**2 / 2
    return max(0.0, middle - half), middle + half


def certainty(count: float) -> float:
    """Return which part of a count is sure, 0 to 1: its lower end over itself; 10 gives 0.54."""
    return count_interval(count)[0] / count if count > 0 else 0.0


def trend(weeks: Sequence[tuple[int, float]]) -> Trend | None:
    """Return the least squares slope of (number of the week, count); None where it is too short.

    A week that is not there was not told, which is not the same as zero: it is left out.
    """
    if len(weeks) < FEWEST_WEEKS:
        return None
    x, y = (np.array(column, float) for column in zip(*weeks, strict=True))
    mean = float(y.mean())
    spread = float(((x - x.mean()) ** 2).sum())
    if mean <= 0 or spread == 0:
        return None
    slope = float(((x - x.mean()) * (y - mean)).sum()) / spread
    rest = float(((y - mean - slope * (x - x.mean())) ** 2).sum())
    freedom = len(weeks) - 2
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(rest / freedom / spread)
    return Trend(slope / mean, (slope - half) / mean, (slope + half) / mean, len(weeks))
