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


def popularity_lift(
    courses: NDArray[np.integer[Any]], taken: Counts, takers: Counts
) -> tuple[float, float]:
    """Return how much better known lists are than what their learners took, with its error.

    0 where lists are as popular as learners' own choices, .5 where half as much again
    (Abdollahpouri 2020). The standard error is that of a ratio of means over learners.

    Args:
        courses: (n, k) what each learner was shown, -1 where there was less.
        taken: (n,) what each of them then took.
        takers: how many learners took each course; one that nobody took counts as one's.
    """
    known = np.maximum(takers, 1).astype(np.float64)
    some = (courses >= 0).any(axis=1)
    if not some.any():
        return 0.0, 0.0
    is_shown = courses[some] >= 0
    shown = np.where(is_shown, known[courses[some]], 0.0).sum(axis=1) / is_shown.sum(axis=1)
    own = known[taken[some]]
    ratio, n = float(shown.mean() / own.mean()), len(own)
    apart = shown - ratio * own
    return ratio - 1, float(np.sqrt(np.square(apart).sum() / max(n - 1, 1) / n) / own.mean())
