"""Which of two concepts must be known first? (L3, pure) Learnt from one text, asked of another.

The mean of three: extremely random trees; boosted ones that keep to the direction in which a
figure plainly speaks; and a logistic regression on one figure alone, in how many more sections one
of the two is met, which carries best from one subject to another.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from personalize.algorithms.metadata.concepts import PLAIN

Floats = NDArray[np.float64]


class Prerequisites:
    """How likely is it that one concept is needed for another?"""

    def __init__(self, *, trees: int = 500, seed: int = 0) -> None:
        """Say how many random trees vote."""
        self.trees = trees
        self.seed = seed

    def fit(self, figures: Floats, needed: NDArray[np.bool_]) -> Self:
        """Learn from pairs: figures (pairs, figures) of `Concepts`, and whether one is needed."""
        self.random_ = ExtraTreesClassifier(
            self.trees, min_samples_leaf=5, random_state=self.seed
        ).fit(figures, needed)
        self.boosted_ = HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.05,
            max_leaf_nodes=8,
            min_samples_leaf=30,
            monotonic_cst=PLAIN,
            random_state=self.seed,
        ).fit(figures, needed)
        self.sections_ = LogisticRegression().fit(figures[:, :1], needed)
        return self

    def probabilities(self, figures: Floats) -> Floats:
        """Return how likely each pair is one, each by itself."""
        votes = [
            self.random_.predict_proba(figures)[:, 1],
            self.boosted_.predict_proba(figures)[:, 1],
            self.sections_.predict_proba(figures[:, :1])[:, 1],
        ]
        return np.asarray(np.mean(votes, axis=0), np.float64)
