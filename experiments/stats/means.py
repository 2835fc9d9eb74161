"""How far apart are two means, and how sure is that? Welch from sums (pure)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Numbers = float | NDArray[np.float64]  # scalars, or parallel arrays of many comparisons


@dataclass(frozen=True, slots=True)
class Sample:
    """Sufficient statistics of one arm: how many, their sum and their sum of squares."""

    n: Numbers
    total: Numbers
    squares: Numbers

    @property
    def mean(self) -> Numbers:
        """Return the mean."""
        return self.total / self.n

    @property
    def variance(self) -> Numbers:
        """Return the unbiased variance; never below 0, where rounding would take it."""
        return np.maximum(self.squares - self.total * self.mean, 0.0) / (self.n - 1)

    def __add__(self, other: "Sample") -> "Sample":
        """Return both arms as one."""
        return Sample(self.n + other.n, self.total + other.total, self.squares + other.squares)


@dataclass(frozen=True, slots=True)
class Difference:
    """Variant minus control, with its two-sided interval and p-value."""

    difference: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers
    standard_error: Numbers
    degrees: Numbers  # Welch-Satterthwaite


def difference(control: Sample, variant: Sample, *, alpha: float) -> Difference:
    """Return the difference of means with a 1 - alpha interval (Welch 1947, unequal variances).

    Each arm needs n >= 2. Where neither arm varies at all, nothing can be said about chance: the
    p-value is 1 and the interval is unbounded.
    """
    parts = (control.variance / control.n, variant.variance / variant.n)
    squared_error = np.asarray(parts[0] + parts[1], dtype=np.float64)
    known = squared_error > 0
    safe = np.where(known, squared_error, 1.0)
    weights = parts[0] ** 2 / (control.n - 1) + parts[1] ** 2 / (variant.n - 1)
    degrees = np.where(known, safe**2 / np.where(known, weights, 1.0), 1.0)
    error = np.sqrt(safe)
    apart = variant.mean - control.mean
    half = np.where(known, stats.t.isf(alpha / 2, degrees) * error, np.inf)
    p_value = np.where(known, 2 * stats.t.sf(np.abs(apart) / error, degrees), 1.0)
    return Difference(
        difference=apart,
        low=apart - half,
        high=apart + half,
        p_value=p_value,
        standard_error=np.where(known, error, 0.0),
        degrees=degrees,
    )
