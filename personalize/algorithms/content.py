"""Which courses are about the same things as the past ones? Cosine of what they say (L3, pure).

It knows nothing of who took what, so it also has neighbours for a course few have taken.
"""

from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from personalize.algorithms.base import Interactions
from personalize.algorithms.rows import (
    BLOCK_ROWS,
    NeighbourRecommender,
    Rows,
    strongest,
    to_rows,
)


class Content(NeighbourRecommender):
    """Weighted cosines of titles, skills and tags; empty where courses say nothing."""

    name: ClassVar[str] = "content"

    def __init__(
        self,
        *,
        neighbours: int = 300,
        half_life: float | None = None,
        power: float | None = None,
        lean: float | None = None,
    ) -> None:
        self.neighbours = neighbours
        self.half_life = half_life
        self.power = power
        self.lean = lean

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        about = data.about
        if about is None:
            return to_rows([sp.csr_matrix((data.n_courses, data.n_courses), dtype=np.float32)])
        blocks = []
        for start in range(0, data.n_courses, BLOCK_ROWS):
            block = (about[start : start + BLOCK_ROWS] @ about.T).toarray()
            rows = np.arange(len(block))
            block[rows, start + rows] = 0.0
            blocks.append(strongest(block.astype(np.float32), self.neighbours))
        return to_rows(blocks)
