"""How far apart are two means, and how sure is that? Welch from sums (pure)."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.stats.contrasts import Contrast, Estimated, Numbers, Unadjusted, absolute


@dataclass(frozen=True, slots=True)
class Sample(Unadjusted):
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


def difference(control: Estimated, variant: Estimated, *, alpha: float) -> Difference:
    """Return the difference of means with a 1 - alpha interval (Welch 1947, unequal variances).

    Each arm needs n >= 2. Where neither arm varies at all, nothing can be said about chance: the
    p-value is 1 and the interval is unbounded.
    """
    return two_sided(absolute(control, variant), alpha=alpha)


def two_sided(contrast: Contrast, *, alpha: float) -> Difference:
    """Return the 1 - alpha interval and the two-sided p-value of any contrast (Student's t)."""
    known = np.asarray(contrast.error) > 0
    error = np.where(known, contrast.error, 1.0)
    half = np.where(known, stats.t.isf(alpha / 2, contrast.degrees) * error, np.inf)
    p_value = 2 * stats.t.sf(np.abs(contrast.estimate) / error, contrast.degrees)
    return Difference(
        difference=contrast.estimate,
        low=contrast.estimate - half,
        high=contrast.estimate + half,
        p_value=np.where(known, p_value, 1.0),
        standard_error=contrast.error,
        degrees=contrast.degrees,
    )


def normal(contrast: Contrast, *, alpha: float) -> Difference:
    """Return the same on the normal distribution: for ratios, whose variance is itself a limit."""
    many = Contrast(contrast.estimate, contrast.error, np.inf, contrast.n)
    return two_sided(many, alpha=alpha)
