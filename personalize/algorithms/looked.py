"""What would a model show to held-out learners, and how early the course they took? (L3, pure)

Over the whole catalogue, as lists are made. Ties rank against us.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import IndexArray, Recommender
from personalize.algorithms.evaluate import CELLS_AT_ONCE, Case

DEPTH = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lists:
    """Ten courses for each learner (-1 where fewer may be shown), and the rank of the one taken."""

    courses: NDArray[np.int32]  # (n, DEPTH), best first
    ranks: NDArray[np.int64]  # (n,), from 0

    @property
    def found(self) -> Floats:
        """Return 1 for each learner in whose ten the course is that was taken next, else 0."""
        return (self.ranks < DEPTH).astype(np.float64)

    @property
    def gains(self) -> Floats:
        """Return the NDCG@10 of each learner, with the one course to be found."""
        return np.where(self.ranks < DEPTH, 1.0 / np.log2(self.ranks + 2.0), 0.0)

    @property
    def shown(self) -> NDArray[np.int32]:
        """Return all courses of all lists, one after the other."""
        return self.courses[self.courses >= 0]


def look(model: Recommender, cases: Sequence[Case]) -> Lists:
    """Rank all courses a learner has not taken, and keep the ten best with the target's rank."""
    width = min(DEPTH, model.n_courses_)
    courses = np.full((len(cases), DEPTH), -1, np.int32)
    ranks = np.zeros(len(cases), np.int64)
    step = max(CELLS_AT_ONCE // max(model.n_courses_, 1), 1)
    for start in range(0, len(cases), step):
        batch = cases[start : start + step]
        scores = model.score_many([case.history for case in batch])
        for at, (case, row) in enumerate(zip(batch, scores, strict=True), start=start):
            comparable = _comparable(row, case)
            target = comparable[case.targets[0]]
            ranks[at] = int(np.count_nonzero(comparable >= target)) - 1
            courses[at, :width] = _best(comparable, width)
    return Lists(courses, ranks)


def _comparable(row: NDArray[np.floating[Any]], case: Case) -> NDArray[np.floating[Any]]:
    """Return the scores of one learner; what was taken, and what is no number, ranks last."""
    comparable = np.where(np.isnan(row), np.float32(-np.inf), row)
    wanted = comparable[case.targets]
    comparable[case.history.courses] = -np.inf
    comparable[case.targets] = wanted
    return comparable


def _best(scores: NDArray[np.floating[Any]], width: int) -> IndexArray:
    best = np.argpartition(-scores, width - 1)[:width]
    best = best[np.argsort(-scores[best], kind="stable")]
    return np.where(np.isfinite(scores[best]), best, -1).astype(np.int32)
