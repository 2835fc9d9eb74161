"""Which courses stand beside the newest ones in the catalogue? (L3, pure)"""

from typing import ClassVar

import numpy as np

from personalize.algorithms.base import Interactions
from personalize.algorithms.rows import NeighbourRecommender, Rows, strongest, to_rows


class Neighbours(NeighbourRecommender):
    """Course j speaks for the course before and the course after it."""

    name: ClassVar[str] = "neighbours"

    def __init__(self, *, half_life: float = 1.0) -> None:
        self.half_life = half_life

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        """Return the band beside the diagonal."""
        band = np.eye(data.n_courses, k=1) + np.eye(data.n_courses, k=-1)
        return to_rows([strongest(band.astype(np.float32), 2)])
