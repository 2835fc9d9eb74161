"""What do learners take next? Order-aware Markov transitions between courses (L3, pure)."""

from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions
from personalize.algorithms.rows import (
    BLOCK_ROWS,
    NeighbourRecommender,
    Rows,
    strongest,
    to_rows,
)

SHRINKAGE = 0.1
DISCOUNT = 0.3


class Transitions(NeighbourRecommender):
    """Share of the steps from course a that lead to b within ``window`` courses.

    A step over g courses counts ``gap_decay ** (g - 1)``, a step against the order
    ``backward`` of one along it, and a learner with L courses L ** -damping. Rows become shares,
    held back by SHRINKAGE mean rows where a course has few steps, and are divided by
    popularity ** DISCOUNT, since what everybody takes next says little.
    """

    name: ClassVar[str] = "transitions"

    def __init__(
        self,
        *,
        window: int = 10,
        gap_decay: float = 0.7,
        backward: float = 0.3,
        damping: float = 0.5,
        half_life: float = 2.5,
        neighbours: int = 300,
        power: float | None = None,
        lean: float | None = None,
    ) -> None:
        self.window = window
        self.gap_decay = gap_decay
        self.backward = backward
        self.damping = damping
        self.half_life = half_life
        self.neighbours = neighbours
        self.power = power
        self.lean = lean

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        forward = self._count_steps(data if data.ordered else _shuffled(data, rng))
        steps = (forward + self.backward * forward.T).tocsr()
        totals = np.asarray(steps.sum(axis=1)).ravel()
        held_back = totals + max(SHRINKAGE * float(totals.mean()), 1e-9)
        counts = np.bincount(data.courses, weights=data.weights, minlength=data.n_courses)
        rarity = (counts + 1.0) ** -DISCOUNT
        blocks = []
        for start in range(0, data.n_courses, BLOCK_ROWS):
            block = steps[start : start + BLOCK_ROWS].toarray()
            block *= rarity[None, :] / held_back[start : start + BLOCK_ROWS, None]
            blocks.append(strongest(block.astype(np.float32), self.neighbours))
        return to_rows(blocks)

    def _count_steps(self, data: Interactions) -> sp.csr_matrix:
        """Weighted steps a -> b, shape (n_courses, n_courses)."""
        shape = (data.n_courses, data.n_courses)
        damp = np.maximum(data.lengths(), 1).astype(np.float64) ** -self.damping
        counts = sp.csr_matrix(shape, dtype=np.float64)
        for gap in range(1, self.window + 1):
            origin, target = data.courses[:-gap], data.courses[gap:]
            same = (data.learners[:-gap] == data.learners[gap:]) & (origin != target)
            weights = self._step_weights(data, gap) * damp[data.learners[gap:]]
            counts += sp.csr_matrix((weights[same], (origin[same], target[same])), shape=shape)
        return counts

    def _step_weights(self, data: Interactions, gap: int) -> NDArray[np.float64]:
        both = np.sqrt(data.weights[:-gap].astype(np.float64) * data.weights[gap:])
        return both * self.gap_decay ** (gap - 1)


def _shuffled(data: Interactions, rng: np.random.Generator) -> Interactions:
    """The rows of each learner in random order, so that a file's order is not taken for time."""
    return data.take(np.lexsort((rng.random(len(data.learners)), data.learners)))
