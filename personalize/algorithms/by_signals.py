"""How much better are lists the more a learner has told us? NDCG@10 by signals used (L3, pure).

The same learners are ranked with only the newest few of their courses, so that a difference comes
of what is known and not of who is asked: whoever has a long history wants other courses than a
newcomer. Nothing told is also what a learner gets who allows nothing to be learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import History, Recommender
from personalize.algorithms.evaluate import Case, ranks_among_all
from personalize.algorithms.popularity import Popularity

STEPS = ((0, 0), (1, 2), (3, 5), (6, None))
"""Signals used: from, to; the last step uses all there are."""
DEPTH = 10


@dataclass(frozen=True, slots=True)
class BySignals:
    """What the same learners got from so many signals; popularity ranks the same courses."""

    least: int
    most: int | None
    learners: int
    ndcg: float
    popular_ndcg: float
    error: float
    """Standard error of the paired difference between the two."""

    @property
    def is_below_popularity(self) -> bool:
        """Whether it lies below popularity by more than chance (two standard errors)."""
        return self.ndcg + 2.0 * self.error < self.popular_ndcg


def by_signals(
    model: Recommender, popular: Popularity, cases: Sequence[Case]
) -> tuple[BySignals, ...]:
    """NDCG@10 over all untaken courses with 0, 1-2, 3-5 and all signals, by the same learners.

    Only cases with at least six past courses count; without any the table is empty.
    """
    able = [case for case in cases if len(case.history.courses) >= STEPS[-1][0]]
    if not able:
        return ()
    floor = _ndcg(popular, able, [case.history for case in able])
    found = []
    for least, most in STEPS:
        told = [_newest(case.history, least, most, at) for at, case in enumerate(able)]
        ndcg = _ndcg(model, able, told)
        error = float((ndcg - floor).std() / np.sqrt(len(able)))
        means = float(ndcg.mean()), float(floor.mean())
        found.append(BySignals(least, most, len(able), *means, error))
    return tuple(found)


def _newest(history: History, least: int, most: int | None, at: int) -> History:
    """The newest courses of a history: each number from least to most as often as the others."""
    if most is None:
        return history
    count = least + at % (most - least + 1)
    kept = slice(len(history.courses) - count, None)
    return History(courses=history.courses[kept], weights=history.weights[kept])


def _ndcg(
    model: Recommender, cases: Sequence[Case], told: Sequence[History]
) -> NDArray[np.float64]:
    ranks = ranks_among_all(model, cases, told)
    gains = [np.where(own < DEPTH, 1.0 / np.log2(own + 2.0), 0.0).sum() for own in ranks]
    ideal = np.cumsum(1.0 / np.log2(np.arange(DEPTH) + 2.0))
    sizes = np.array([len(own) for own in ranks])
    found: NDArray[np.float64] = np.array(gains) / ideal[np.minimum(sizes, DEPTH) - 1]
    return found
