"""How many learners does an effect need, and which effect can so many see? (pure)

Two-sided, difference of two means of equal size, noncentral t; only the tail on the side of the
effect counts as success (as R's power.t.test, strict = FALSE).
"""

from math import inf, sqrt

from scipy import stats
from scipy.optimize import brentq

_LEAST = 2.0  # learners per arm; of one there is no spread
_MOST = 1e12  # learners per arm; beyond it no platform could run the experiment


def power(*, per_arm: float, effect: float, sd: float, alpha: float) -> float:
    """Return the probability of a significant result when the true difference is `effect`."""
    degrees = 2 * (per_arm - 1)
    shift = abs(effect) / (sd * sqrt(2 / per_arm))
    return float(stats.nct.sf(stats.t.isf(alpha / 2, degrees), degrees, shift))


def sample_size(*, effect: float, sd: float, alpha: float, power_wanted: float) -> float:
    """Return how many learners each arm needs, unrounded; inf where no number is enough."""
    if effect == 0:
        return inf
    # The normal answer is within a few learners of the exact one and saves the solver a search
    # over twelve orders of magnitude, in whose far end the noncentral t is not accurate.
    normal = 2 * ((stats.norm.isf(alpha / 2) + stats.norm.ppf(power_wanted)) * sd / effect) ** 2
    if normal > _MOST:
        return inf
    least = max(_LEAST, float(normal) * 0.5)
    if not power(per_arm=least, effect=effect, sd=sd, alpha=alpha) < power_wanted:
        return float(least)  # so large an effect that the noncentral t may not be a number any more
    return float(
        brentq(
            lambda n: power(per_arm=n, effect=effect, sd=sd, alpha=alpha) - power_wanted,
            least,
            normal * 1.5 + 20,
            xtol=1e-9,
            rtol=1e-13,
        )
    )


def detectable(
    *, n_control: float, n_variant: float, variance: float, critical: float, power_wanted: float
) -> float:
    """Return the smallest absolute difference that is seen with that power (normal).

    variance is that of the outcome over all learners, whatever their arm; critical is the z value
    which the look must exceed.
    """
    error = sqrt(variance * (1 / n_control + 1 / n_variant))
    return float((critical + stats.norm.ppf(power_wanted)) * error)
