"""Does an effect fade once the new is no longer new? The slope of weekly effects (pure).

Weeks are counted from each learner's own exposure, so the calendar does not mix in. Weekly effects
of the same learners are taken for independent; where they hang together the interval of the slope
is a little too wide or too narrow, which is why a slope is said and never decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST = 3  # weeks below which no line is drawn
FADES, GROWS, STEADY = "fades", "grows", "steady"


@dataclass(frozen=True, slots=True)
class Weekly:
    """The effect in one week after the exposure, with its standard error (above 0)."""

    week: int  # 1 is the first
    effect: float
    error: float


@dataclass(frozen=True, slots=True)
class Slope:
    """How an effect moves a week, and where its line begins and ends."""

    per_week: float
    low: float
    high: float
    first: float  # the line in the first week
    last: float  # and in the last one
    last_low: float  # bounds of the line in the last week
    last_high: float
    last_week: int

    @property
    def reading(self) -> str:
        """Return fades, grows or steady: towards 0 is to fade, whichever side it began on."""
        if self.low <= 0 <= self.high:
            return STEADY
        return FADES if self.per_week * self.first < 0 else GROWS


def slope(weeks: Sequence[Weekly], *, alpha: float) -> Slope | None:
    """Return the weighted line through weekly effects; None where there are too few weeks.

    Weights are 1 / error^2, known variances: the bounds are those of the normal distribution.
    """
    read = [each for each in weeks if each.error > 0]
    if len(read) < FEWEST:
        return None
    week = np.array([each.week for each in read], dtype=np.float64)
    effect = np.array([each.effect for each in read])
    weight = np.array([each.error for each in read]) ** -2
    middle = float(weight @ week / weight.sum())
    level = float(weight @ effect / weight.sum())
    spread = float(weight @ (week - middle) ** 2)
    per_week = float(weight @ ((week - middle) * effect)) / spread
    z = float(stats.norm.isf(alpha / 2))
    half = z * spread**-0.5
    reach = float(week[-1]) - middle
    last = level + per_week * reach
    last_half = z * float(1 / weight.sum() + reach**2 / spread) ** 0.5
    return Slope(
        per_week=per_week,
        low=per_week - half,
        high=per_week + half,
        first=level + per_week * (float(week[0]) - middle),
        last=last,
        last_low=last - last_half,
        last_high=last + last_half,
        last_week=read[-1].week,
    )
