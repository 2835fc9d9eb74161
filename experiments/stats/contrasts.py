"""How far is one arm from another, and with which standard error? Absolute, relative, log (pure).

A contrast is what every test and interval starts from; whatever has n, a mean and a variance per
unit can be contrasted: means, proportions, ratios, adjusted means, cluster means. Scalars or
parallel arrays of many comparisons.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = float | NDArray[np.float64]  # scalars, or parallel arrays of many comparisons


class Estimated(Protocol):
    """One arm: how many units, their mean, and the variance of one unit (the mean's is / n)."""

    @property
    def n(self) -> Numbers:
        """Return how many units were randomized."""

    @property
    def mean(self) -> Numbers:
        """Return the mean, adjusted where the arm is adjusted."""

    @property
    def level(self) -> Numbers:
        """Return the mean as it was observed: what relative effects are shares of."""

    @property
    def variance(self) -> Numbers:
        """Return the variance per unit."""

    @property
    def level_variance(self) -> Numbers:
        """Return the variance per unit of the level."""

    @property
    def shared_variance(self) -> Numbers:
        """Return the covariance per unit of mean and level."""


class Unadjusted:
    """An arm whose mean is its level."""

    __slots__ = ()

    @property
    def level(self: "Estimated") -> Numbers:
        """Return the mean."""
        return self.mean

    @property
    def level_variance(self: "Estimated") -> Numbers:
        """Return the variance."""
        return self.variance

    @property
    def shared_variance(self: "Estimated") -> Numbers:
        """Return the variance."""
        return self.variance


@dataclass(frozen=True, slots=True)
class Contrast:
    """Variant against control: the estimate, its standard error, Welch's degrees, all units."""

    estimate: Numbers
    error: Numbers  # 0 where neither arm varies
    degrees: Numbers
    n: Numbers


def _welch(
    estimate: Numbers, control: Estimated, variant: Estimated, parts: tuple[Numbers, Numbers]
) -> Contrast:
    """Combine the variances of two estimates (Welch 1947, Satterthwaite's degrees)."""
    squared = np.asarray(parts[0] + parts[1], dtype=np.float64)
    known = squared > 0
    weights = parts[0] ** 2 / (control.n - 1) + parts[1] ** 2 / (variant.n - 1)
    degrees = np.where(known, squared**2 / np.where(known, weights, 1.0), 1.0)
    return Contrast(estimate, np.sqrt(squared), degrees, control.n + variant.n)


def absolute(control: Estimated, variant: Estimated) -> Contrast:
    """Return variant minus control, in the metric's own units; each arm needs n >= 2."""
    parts = (control.variance / control.n, variant.variance / variant.n)
    return _welch(variant.mean - control.mean, control, variant, parts)


def relative(control: Estimated, variant: Estimated, *, at: Numbers | None = None) -> Contrast:
    """Return the difference as a share of the control's level (delta method; Deng et al. 2018).

    `at` is the share at which the variance is taken, the estimate unless another is given. The
    degrees are those of the absolute difference, as gbstats takes them. The control's level must
    not be 0.
    """
    base = control.level
    plain = absolute(control, variant)
    share = plain.estimate / base
    taken_at = share if at is None else at
    of_control = (
        control.variance
        + 2 * taken_at * control.shared_variance
        + taken_at**2 * control.level_variance
    )
    squared = of_control / control.n + variant.variance / variant.n
    error = np.sqrt(np.asarray(squared, dtype=np.float64)) / np.abs(base)
    return Contrast(share, error, plain.degrees, plain.n)


def log_ratio(control: Estimated, variant: Estimated) -> Contrast:
    """Return log(variant / control); exp of its interval never goes below -100% (tea-tasting).

    Both levels must be above 0.
    """
    parts = (
        control.variance / (control.n * control.level**2),
        variant.variance / (variant.n * variant.level**2),
    )
    return _welch(np.log(variant.mean) - np.log(control.mean), control, variant, parts)
