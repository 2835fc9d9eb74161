"""Can the time before the experiment steady a ratio too? CUPED for ratios (pure).

The delta method on the four means (numerator and denominator, during and before), with the theta
that makes the variance of both arms together smallest (Deng et al. 2013, appendix B; gbstats).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from experiments.stats.cuped import Adjusted, Adjustment
from experiments.stats.means import Sample
from experiments.stats.ratio import Ratio

Values = NDArray[np.float64]


@dataclass(frozen=True)
class PairedRatio:
    """One arm, in the order numerator and denominator during, numerator and denominator before.

    totals are the 4 sums, products the 4 x 4 symmetric matrix of sums of products (squares on its
    diagonal); both denominators' means must not be 0. n counts what was drawn; where that is a
    class, `learners` says of how many it tells, and `telling` how many of these have part in the
    denominator.
    """

    n: float
    totals: Values
    products: Values
    learners: float = 0.0
    telling: float = 0.0

    @property
    def post(self) -> Ratio:
        """Return the ratio during the experiment, as observed."""
        return Ratio(
            numerator=Sample(self.n, float(self.totals[0]), float(self.products[0, 0])),
            denominator=Sample(self.n, float(self.totals[1]), float(self.products[1, 1])),
            products=float(self.products[0, 1]),
        )

    @property
    def explains(self) -> bool:
        """Say whether the ratio before exists and varies."""
        return bool(self.totals[3] > 0 and self.spread[1, 1] > 0)

    def __add__(self, other: "PairedRatio") -> "PairedRatio":
        """Return both arms as one."""
        return PairedRatio(
            self.n + other.n,
            self.totals + other.totals,
            self.products + other.products,
            self.learners + other.learners,
            self.telling + other.telling,
        )

    @cached_property
    def covariance(self) -> Values:
        """Return the unbiased 4 x 4 covariance of one learner."""
        return (self.products - np.outer(self.totals, self.totals) / self.n) / (self.n - 1)

    @cached_property
    def slopes(self) -> Values:
        """Return the derivatives of both ratios by the four means: 2 x 4."""
        during, base, before, base_before = self.totals / self.n
        return np.array(
            [
                [1 / base, -during / base**2, 0, 0],
                [0, 0, 1 / base_before, -before / base_before**2],
            ]
        )

    @cached_property
    def spread(self) -> Values:
        """Return the 2 x 2 covariance of one learner's contributions to both ratios."""
        return self.slopes @ self.covariance @ self.slopes.T

    @property
    def ratios(self) -> tuple[float, float]:
        """Return the ratio during and before."""
        return (
            float(self.totals[0] / self.totals[1]),
            float(self.totals[2] / self.totals[3]),
        )


def adjust(control: PairedRatio, variant: PairedRatio) -> Adjustment:
    """Return both arms' ratios with what the time before predicts taken off."""
    arms = (control, variant)
    before = sum(float(arm.spread[1, 1]) for arm in arms)
    shared = sum(float(arm.spread[0, 1]) for arm in arms)
    during = sum(float(arm.spread[0, 0]) for arm in arms)
    theta = shared / before
    centre = float(
        (control.totals[2] + variant.totals[2]) / (control.totals[3] + variant.totals[3])
    )
    adjusted = [_adjusted(arm, theta, centre) for arm in arms]
    return Adjustment(theta, adjusted[0], adjusted[1], theta * shared / during)


def _adjusted(arm: PairedRatio, theta: float, centre: float) -> Adjusted:
    during, before = arm.ratios
    weights = np.array([1.0, -theta])
    return Adjusted(
        n=arm.n,
        mean=during - theta * (before - centre),
        level=during,
        variance=float(weights @ arm.spread @ weights),
        level_variance=float(arm.spread[0, 0]),
        shared_variance=float(weights @ arm.spread[0]),
    )
