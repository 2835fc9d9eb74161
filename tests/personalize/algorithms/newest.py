"""An algorithm of one file: the neighbours in the list of courses, as if that meant anything."""

from typing import ClassVar

import numpy as np

from personalize.algorithms.base import Interactions
from personalize.algorithms.rows import NeighbourRecommender, Rows, strongest, to_rows


class Newest(NeighbourRecommender):
    """Course j speaks for the courses two before and two after it."""

    name: ClassVar[str] = "newest"

    def __init__(self, *, half_life: float = 1.0) -> None:
        self.half_life = half_life

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        band = np.eye(data.n_courses, k=2) + np.eye(data.n_courses, k=-2)
        return to_rows([strongest(band.astype(np.float32), 2)])
