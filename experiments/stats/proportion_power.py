"""How many learners does a change of a share need, and which can so many see? (pure)

Two-sided, two arms of equal size, normal; only the tail on the side of the effect counts as
success (as R's power.prop.test, strict = FALSE).
"""

from math import inf, sqrt

from scipy import stats
from scipy.optimize import brentq

_NEAREST = 1e-12  # to the end of the unit interval


def _spreads(p1: float, p2: float) -> tuple[float, float]:
    """Return the standard deviations of the difference without and with the effect."""
    pooled = (p1 + p2) / 2
    return sqrt(2 * pooled * (1 - pooled)), sqrt(p1 * (1 - p1) + p2 * (1 - p2))


def power(*, per_arm: float, p1: float, p2: float, alpha: float) -> float:
    """Return the probability of a significant result when the shares are p1 and p2."""
    without, with_it = _spreads(p1, p2)
    reach = sqrt(per_arm) * abs(p2 - p1) - float(stats.norm.isf(alpha / 2)) * without
    return float(stats.norm.cdf(reach / with_it))


def sample_size(*, p1: float, p2: float, alpha: float, power_wanted: float) -> float:
    """Return how many learners each arm needs, unrounded; inf where the shares are equal."""
    if p1 == p2:
        return inf
    without, with_it = _spreads(p1, p2)
    needed = stats.norm.isf(alpha / 2) * without + stats.norm.ppf(power_wanted) * with_it
    return float((needed / (p2 - p1)) ** 2)


def detectable(*, per_arm: float, p1: float, alpha: float, power_wanted: float) -> float:
    """Return the smallest share above p1 that is told apart from it with that power.

    Raise ValueError where even a share of 1 is not.
    """

    def excess(p2: float) -> float:
        return power(per_arm=per_arm, p1=p1, p2=p2, alpha=alpha) - power_wanted

    if excess(1 - _NEAREST) < 0:
        raise ValueError("So few learners see no effect of that power: plan for more.")
    return float(brentq(excess, p1 + _NEAREST, 1 - _NEAREST, xtol=1e-13, rtol=1e-13))
