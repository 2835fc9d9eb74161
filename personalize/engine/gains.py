"""What does each held-out learner gain from a model? (L3) NDCG@10, learner by learner, for pairs.

Two models on the same learners differ by far less than either varies, so their difference is
judged by its own standard error.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, History
from personalize.algorithms.evaluate import Case, target_ranks

DEPTH = 10  # of the list that counts
LEARNERS_AT_ONCE = 500

Gains = NDArray[np.float64]


class Scorer(Protocol):
    """Whatever scores all courses for several histories."""

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        """Return (histories, courses)."""


def gains_of(model: Scorer, cases: Sequence[Case]) -> Gains:
    """Return the NDCG@DEPTH of each case, whose one target stands among its negatives."""
    ranks: list[int] = []
    for start in range(0, len(cases), LEARNERS_AT_ONCE):
        batch = cases[start : start + LEARNERS_AT_ONCE]
        scores = model.score_many([case.history for case in batch])
        ranks += [
            int(target_ranks(row[case.targets], row[case.negatives])[0])
            for row, case in zip(scores, batch, strict=True)
        ]
    found = np.array(ranks, dtype=np.float64)
    return np.where(found < DEPTH, 1.0 / np.log2(found + 2.0), 0.0)


def error_of(difference: Gains, *, learners: int) -> float:
    """Return the standard error of a mean difference over so many learners."""
    return float(difference.std() / np.sqrt(max(learners, 1)))
