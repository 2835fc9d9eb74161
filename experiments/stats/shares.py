"""How sure is a share, and how far are two apart, where shares may be small? (pure)

Wilson's interval and Newcombe's of a difference, made of two of these (method 10 of Newcombe 1998):
neither leaves 0..1, nor -1..1, as plain intervals do near the ends.
"""

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True, slots=True)
class Share:
    """A share, 0..1, and of how many independent learners it tells; n is above 0.

    Where classes were drawn, learners are not independent: n is then what it would take of those
    who are, for the same variance.
    """

    value: float
    n: float


def interval(share: Share, *, alpha: float) -> tuple[float, float]:
    """Return the 1 - alpha interval of a share (Wilson 1927)."""
    z = float(stats.norm.isf(alpha / 2))
    scale = 1 + z**2 / share.n
    middle = (share.value + z**2 / (2 * share.n)) / scale
    spread = share.value * (1 - share.value) / share.n + z**2 / (4 * share.n**2)
    half = z * math.sqrt(spread) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def apart(control: Share, variant: Share, *, alpha: float) -> tuple[float, float, float]:
    """Return variant minus control with its 1 - alpha interval (Newcombe 1998)."""
    low, high = interval(variant, alpha=alpha)
    low_control, high_control = interval(control, alpha=alpha)
    found = variant.value - control.value
    return (
        found,
        found - math.hypot(variant.value - low, high_control - control.value),
        found + math.hypot(high - variant.value, control.value - low_control),
    )
