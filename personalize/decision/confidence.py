"""How sure is a pick, in bars and in words that come true? (L4, pure)

With a model that tells probabilities, the bars are steps of one: that the learner opens the course
or enrols within seven days of being shown it, calibrated on lists shown before. Where there is
none, the bars say how much history stands behind a pick (explanations.confidences).
"""

from personalize.data import Confidence

STRONG, GOOD, FAIR = 0.25, 0.12, 0.05  # the least probability of each bar

_STEPS = ((STRONG, Confidence.STRONG), (GOOD, Confidence.GOOD), (FAIR, Confidence.FAIR))
# In the log a bar and the probability share a number: bar + 10 times the thousandths.
_SHIFT, _PARTS = 10, 1000


def bar(chance: float) -> Confidence:
    """Return the bars of a probability."""
    return next((level for least, level in _STEPS if chance >= least), Confidence.EXPLORING)


def stored(level: Confidence, chance: float | None) -> int:
    """Return what the log keeps of a pick."""
    thousandths = 0 if chance is None else max(1, round(chance * _PARTS))
    return int(level) + _SHIFT * thousandths


def level_of(code: int) -> Confidence:
    """Return the bars that were shown."""
    return Confidence(code % _SHIFT)


def chance_of(code: int) -> float | None:
    """Return the probability that was told, None where there was none."""
    return code // _SHIFT / _PARTS or None
