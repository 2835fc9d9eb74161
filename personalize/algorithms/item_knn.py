"""Which courses share their learners with the past ones? Damped cosine neighbours (L3, pure)."""

from typing import ClassVar

import numpy as np

from personalize.algorithms.base import Interactions
from personalize.algorithms.rows import (
    BLOCK_ROWS,
    NeighbourRecommender,
    Rows,
    learner_matrix,
    strongest,
    to_rows,
)
from personalize.algorithms.shapes import counts_of


class ItemKnn(NeighbourRecommender):
    """Cosine of the courses' learners, where long histories count less.

    ``damping`` gives a learner with L courses the weight L ** -damping, so accounts with
    hundreds of courses do not decide who is whose neighbour. ``shrinkage`` holds back pairs
    that few learners support. A past course that n learners took speaks n ** -rarity as loud.
    """

    name: ClassVar[str] = "item_knn"

    def __init__(
        self,
        *,
        neighbours: int = 300,
        half_life: float = 3.0,
        damping: float = 0.5,
        shrinkage: float = 1.0,
        rarity: float = 0.15,
        power: float | None = None,
        lean: float | None = None,
    ) -> None:
        self.neighbours = neighbours
        self.half_life = half_life
        self.damping = damping
        self.shrinkage = shrinkage
        self.rarity = rarity
        self.power = power
        self.lean = lean

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        matrix = learner_matrix(data)
        damped = learner_matrix(data, self.damping).tocsc()
        norms = np.sqrt(np.asarray(matrix.multiply(damped).sum(axis=0)).ravel() + self.shrinkage)
        loudness = counts_of(data) ** -self.rarity / norms
        by_course = matrix.T.tocsr()
        blocks = []
        for start in range(0, data.n_courses, BLOCK_ROWS):
            block = (by_course[start : start + BLOCK_ROWS] @ damped).toarray()
            rows = np.arange(len(block))
            block[rows, start + rows] = 0.0
            block *= loudness[start : start + BLOCK_ROWS, None] / norms[None, :]
            blocks.append(strongest(block.astype(np.float32), self.neighbours))
        return to_rows(blocks)
