"""Which loss would have been noticed by now, and with how many learners? (pure)

What may not fall is watched by a confidence sequence. A loss is noticed where the sequence's bound
would lie below 0 with the power asked for, if the loss were real.
"""

from dataclasses import dataclass, replace
from math import sqrt

from scipy import stats

from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import Contrast

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Level:
    """A metric before anything is tried: its mean and its spread over learners."""

    mean: float
    sd: float


def noticed(contrast: Contrast, *, alpha: float, power: float = POWER) -> float:
    """Return the smallest loss, in the contrast's units, that the sequence finds now."""
    half = float(upper_always(replace(contrast, estimate=0.0), alpha=alpha))
    return half + float(stats.norm.ppf(power)) * float(contrast.error)


def noticed_share(level: Level, *, per_arm: float, alpha: float, power: float = POWER) -> float:
    """Return the same as a share of the mean, for two arms of that many learners; mean above 0."""
    if per_arm < 1:
        return float("inf")
    error = level.sd * sqrt(2 / per_arm)
    degrees = 2 * (per_arm - 1)
    nothing = Contrast(0.0, error, degrees, 2 * per_arm)
    return noticed(nothing, alpha=alpha, power=power) / level.mean
