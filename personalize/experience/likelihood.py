"""How likely is it that a pick is opened, in words somebody can check? (L5)

Told only where the serving model's probabilities say more than its average, and never without that
average: "1 in 4" is much or little only beside what is usual.
"""

from django.utils.translation import gettext

from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import serving

TENTHS_FROM = 0.45  # from here on "1 in n" is too coarse
RARE = 0.01


def usual() -> float | None:
    """Return how often picks are opened on average; None where no model tells more than that."""
    try:
        heads = serving().heads
    except ModelUnusable:
        return None
    return heads.engage.base_rate if heads and heads.engage.tells else None


def told(chance: float | None) -> str:
    """Return the sentence about one pick, "" where nothing may be said."""
    base = usual()
    if chance is None or base is None:
        return ""
    return gettext(
        "Of learners at your point, about %(chance)s open this within a week of seeing it. "
        "Of picks in general, about %(usual)s are opened."
    ) % {"chance": odds(chance), "usual": odds(base)}


def odds(chance: float) -> str:
    """Return a probability as people count: "1 in 4", "7 in 10"."""
    if chance >= TENTHS_FROM:
        return gettext("%d in 10") % min(round(10 * chance), 9)
    return gettext("1 in %d") % round(1 / max(chance, RARE))
