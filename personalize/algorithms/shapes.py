"""How strongly, and for how long, does a past course speak? Chosen on kept-back rows (L3, pure).

On long histories neighbours that even out the strength of courses find more, on short ones those
that lean towards popular courses; the choice is made on the data at hand.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, Interactions
from personalize.algorithms.evaluate import ndcg_at
from personalize.algorithms.holdout import Holdout, hold_out_newest, some_learners

POWERS = (0.6, 1.0)
LEANS = (0.0, -0.15, 0.15, 0.3, 0.45)
TIMES_USUAL = (1.0, 0.4, 2.0)
"""Where histories are short what is newest says most, so how fast the past fades can be open."""
LEARNERS = 3000
ROWS = 1_000_000
"""Rows that are enough to choose on."""
FEWEST = 100
"""Learners; fewer tell no shape from another."""
DEPTH = 10


Chosen = TypeVar("Chosen")


class Shape(NamedTuple):
    """Values become values ** power, then times (learners of the course + 1) ** lean.

    A power below 1 lets several weaker past courses outvote a single strong one; a lean above 0
    favours popular courses, one below 0 rare ones.
    """

    power: float
    lean: float


def shapes(power: float | None, lean: float | None) -> list[Shape]:
    """The shapes that are open: all values of what is None."""
    return [
        Shape(one, other)
        for one in (POWERS if power is None else (power,))
        for other in (LEANS if lean is None else (lean,))
    ]


def counts_of(data: Interactions) -> NDArray[np.float64]:
    """Learners of each course, one more so that none is 0."""
    counts = np.bincount(data.courses, weights=data.weights, minlength=data.n_courses)
    return counts.astype(np.float64) + 1.0


def kept_back(data: Interactions, rng: np.random.Generator) -> Holdout | None:
    """What to choose a shape on; None where that would be luck."""
    kept = hold_out_newest(some_learners(data, ROWS, rng), learners=LEARNERS, rng=rng)
    return kept if len(kept.targets) >= FEWEST else None


def half_lives(given: float | None, usual: float) -> list[float]:
    """The half-lives that are open, in courses: the one given, else the usual one and others."""
    return [usual * times for times in TIMES_USUAL] if given is None else [given]


def best(
    candidates: Sequence[Chosen], scores_of: Callable[[Chosen], FloatArray], kept: Holdout
) -> Chosen:
    """The one whose scores find the kept-back courses best among all; the first of equals."""
    return max(candidates, key=lambda one: ndcg_at(scores_of(one), kept, DEPTH))
