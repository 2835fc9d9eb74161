"""How widely do lists spread over the catalogue, and how far past what is popular? (L3, pure)"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Counts = NDArray[np.integer[Any]]


def gini(exposures: Counts) -> float:
    """Return how unequally courses are shown: 0 all alike, towards 1 one course alone.

    exposures: (n,) how often each course was shown, those never shown included.
    """
    ordered = np.sort(np.asarray(exposures, dtype=np.float64))
    total = ordered.sum()
    if total == 0:
        return 0.0
    n = len(ordered)
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ ordered / (n * total))


def novelty(shown: Counts, takers: Counts, learners: int) -> float:
    """Return the mean surprise of what was shown, in bits (Zhou et al. 2010).

    A course everybody took has none; one that half of them took has one bit.

    Args:
        shown: the courses of all lists, one after the other.
        takers: (n,) how many learners took each course; one that nobody took counts as one's.
        learners: how many there are.
    """
    if not len(shown):
        return 0.0
    share = np.clip(takers[shown], 1, learners) / learners
    return float(-np.log2(share).mean())


def popularity_lift(shown: Counts, taken: Counts, takers: Floats) -> float:
    """Return how much more popular what is shown is than what learners took (Abdollahpouri 2020).

    0 where lists are as popular as learners' own choices, .5 where half as much again.
    """
    own = float(np.mean(takers[taken])) if len(taken) else 0.0
    return float(np.mean(takers[shown])) / own - 1 if own and len(shown) else 0.0
