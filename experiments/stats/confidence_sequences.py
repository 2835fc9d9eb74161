"""What may be said at any moment, however often somebody looks? Confidence sequences (pure).

Asymptotic confidence sequences with a normal mixture (Waudby-Smith, Arbour, Sinha, Kennedy and
Ramdas 2023; as gbstats computes them). For guardrails, which are watched all the time; planned
looks have more power (`sequential.py`).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

import numpy as np

from experiments.stats.contrasts import Contrast, Numbers

TUNING = 5_000  # the number of learners, over both arms, at which the interval is tightest
_P_RANGE = (1e-5, 0.4999)
_P_CLOSE = 1e-6  # of the bound, in the metric's own units
_P_STEPS = 100


@dataclass(frozen=True, slots=True)
class Always:
    """An interval that covers the truth at all times at once with probability 1 - alpha."""

    low: Numbers
    high: Numbers


@lru_cache(maxsize=256)
def _rho(alpha: float, tuning: float) -> float:
    """Return the mixture's scale that makes the interval tightest at `tuning` learners."""
    return sqrt((-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuning)


def always_valid(contrast: Contrast, *, alpha: float, tuning: float = TUNING) -> Always:
    """Return the two-sided sequence's interval now; unbounded where the error is 0."""
    spread = contrast.n * _rho(alpha, tuning) ** 2
    half = contrast.error * np.sqrt(2 * (spread + 1) / spread * np.log(np.sqrt(spread + 1) / alpha))
    half = np.where(np.asarray(contrast.error) > 0, half, np.inf)
    return Always(contrast.estimate - half, contrast.estimate + half)


def always_valid_p(contrast: Contrast, *, alpha: float, tuning: float = TUNING) -> Numbers:
    """Return the smallest level at which the two-sided sequence of this alpha excludes 0.

    0 to 1; 1 also where the contrast does not vary.
    """
    spread = contrast.n * _rho(alpha, tuning) ** 2
    known = np.asarray(contrast.error) > 0
    z = np.where(known, contrast.estimate / np.where(known, contrast.error, 1.0), 0.0)
    against = np.exp(-(z**2) * spread / (2 * (spread + 1))) * np.sqrt(spread + 1)
    capped: Numbers = np.minimum(against, 1.0)
    return capped


def _one_sided_half(
    contrast: Contrast, *, alpha: float, tuning: float, tuned_for: float
) -> Numbers:
    spread = contrast.n * _rho(2 * tuned_for, tuning) ** 2
    odds = 1 + np.sqrt(spread + 1) / (2 * alpha)
    return contrast.error * np.sqrt(2 * (spread + 1) / spread * np.log(odds))


def lower_always(contrast: Contrast, *, alpha: float, tuning: float = TUNING) -> Numbers:
    """Return what the effect exceeds, at all times at once with probability 1 - alpha; alpha < .5.

    Unknown effects (an error of 0) are bounded by nothing: minus infinity.
    """
    half = _one_sided_half(contrast, alpha=alpha, tuning=tuning, tuned_for=alpha)
    return np.where(np.asarray(contrast.error) > 0, contrast.estimate - half, -np.inf)


def upper_always(contrast: Contrast, *, alpha: float, tuning: float = TUNING) -> Numbers:
    """Return what the effect stays below, as `lower_always`."""
    half = _one_sided_half(contrast, alpha=alpha, tuning=tuning, tuned_for=alpha)
    return np.where(np.asarray(contrast.error) > 0, contrast.estimate + half, np.inf)


def exceeds_always_p(contrast: Contrast, *, alpha: float, tuning: float = TUNING) -> float:
    """Return the level at which the lower bound, tuned for alpha, reaches 0; one comparison.

    By bisection between 1e-5 and .4999 with the steps of gbstats, so that both tools print one
    figure; it is up to 2e-4 from the root.
    """
    lowest, highest = _P_RANGE

    def bound(level: float) -> float:
        half = _one_sided_half(contrast, alpha=level, tuning=tuning, tuned_for=alpha)
        return float(contrast.estimate - half)

    if bound(lowest) > 0:
        return lowest
    if bound(highest) < 0 or not float(contrast.error):
        return highest
    for _ in range(_P_STEPS):
        level = (lowest + highest) / 2
        reached = bound(level)
        if reached < 0:
            lowest = level
        else:
            highest = level
        if abs(reached) < _P_CLOSE:
            break
    return (lowest + highest) / 2
