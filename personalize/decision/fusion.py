"""How much does each thing we know of a learner count? (L4, pure) The one place of these weights.

What was done long ago, what was done in this session and what was said go into one score. The
model reads the history with the weights made here; what was said is added by the policy (GOAL,
INTEREST, INTENT's numbers and MORE there), and `trust` says how much the history as a whole counts
against it. Every share of it can be read off an answer (decision/mix.py).
"""

import numpy as np
from numpy.typing import NDArray

from signals.data import Touch

# What one course of the history says about the next choice. Order is the models' own business:
# each was fitted with a half-life in courses.
TOUCH_WEIGHTS = np.zeros(max(Touch) + 1)
TOUCH_WEIGHTS[[Touch.VIEWED, Touch.STARTED, Touch.ENROLLED, Touch.COMPLETED]] = 0.3, 0.7, 1.0, 1.0

HALF_LIFE_DAYS = 180.0  # what was done so long ago counts half of what is done today
SESSION_MINUTES = 30.0  # what was done so lately is of this session
SESSION = 2.0  # and counts so many times

TRUSTED_AT = 5.0  # fresh enrolments from which the history has its full say
TRUSTED_LEAST = 0.15  # what any history has, so that one look at a course already shows

_DAY_S, _MINUTE_S = 86_400.0, 60.0
Floats = NDArray[np.float64]


def decayed(touches: NDArray[np.int8], age_s: Floats) -> Floats:
    """Return what each course of the history counts by what was done there and how long ago."""
    old: Floats = np.exp2(-np.maximum(age_s, 0.0) / (HALF_LIFE_DAYS * _DAY_S))
    weights: Floats = TOUCH_WEIGHTS[touches] * old
    return weights


def weights(touches: NDArray[np.int8], age_s: Floats) -> Floats:
    """Return what the model is told each course of the history weighs."""
    told = decayed(touches, age_s)
    return np.where(in_session(age_s), SESSION * told, told)


def in_session(age_s: Floats) -> NDArray[np.bool_]:
    """Say which courses were touched in this session."""
    lately: NDArray[np.bool_] = age_s <= SESSION_MINUTES * _MINUTE_S
    return lately


def trust(evidence: float) -> float:
    """Return the share of its full say that a history has; evidence is the sum of `decayed`.

    It grows with every signal and shrinks as they age, so what was stated leads a new learner's
    list and steps back without a jump.
    """
    return min(1.0, max(TRUSTED_LEAST, evidence / TRUSTED_AT)) if evidence > 0 else 0.0
