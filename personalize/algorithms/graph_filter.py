"""Which courses are near on the graph of who took what, seen smoothly? One closed form (L3, pure).

Shen et al., "How Powerful is Graph Convolution for Recommendation?" (CIKM 2021), as GF-CF: one
step over the normalised graph, plus the part of the history that lies in its smoothest directions.
Both are sums over past courses, so they are stored as rows like those of the neighbour models.
"""

from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from personalize.algorithms.base import FloatArray, Interactions
from personalize.algorithms.rows import (
    BLOCK_ROWS,
    NeighbourRecommender,
    Rows,
    learner_matrix,
    strongest,
    to_rows,
)

EXTRA = 16
"""Directions computed beyond those kept, so that the last kept ones are right."""
PASSES = 4
"""Times the directions are smoothed over the graph; more changed no ranking that was measured."""


class GraphFilter(NeighbourRecommender):
    """Row of a = N'N + ``smooth`` * D^-1/2 V V' D^1/2 at a, without a itself.

    N is the learner-course matrix divided by the roots of both degrees, V its ``components``
    smoothest directions and D the degrees of the courses.
    """

    name: ClassVar[str] = "graph_filter"

    def __init__(
        self,
        *,
        components: int = 256,
        smooth: float = 0.3,
        half_life: float = 4.0,
        neighbours: int = 300,
        power: float | None = None,
        lean: float | None = None,
    ) -> None:
        self.components = components
        self.smooth = smooth
        self.half_life = half_life
        self.neighbours = neighbours
        self.power = power
        self.lean = lean

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        normal, degrees = _normalised(data)
        directions = _smoothest(normal, self.components, rng)
        by_course, roots = normal.T.tocsr(), np.sqrt(degrees)
        far = directions * roots[:, None]
        blocks = []
        for start in range(0, data.n_courses, BLOCK_ROWS):
            block = (by_course[start : start + BLOCK_ROWS] @ normal).toarray()
            near = directions[start : start + BLOCK_ROWS] / roots[start : start + BLOCK_ROWS, None]
            block += np.float32(self.smooth) * (near @ far.T)
            rows = np.arange(len(block))
            block[rows, start + rows] = 0.0
            blocks.append(strongest(np.maximum(block, 0.0), self.neighbours))
        return to_rows(blocks)


def _normalised(data: Interactions) -> tuple[sp.csr_matrix, FloatArray]:
    """The matrix over the roots of both degrees, and the degrees of the courses (at least 1e-9)."""
    matrix = learner_matrix(data)
    of_courses = np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1e-9).astype(np.float32)
    of_learners = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1e-9).astype(np.float32)
    normal = sp.diags(of_learners**-0.5) @ matrix @ sp.diags(of_courses**-0.5)
    return normal.tocsr(), of_courses


def _smoothest(normal: sp.csr_matrix, components: int, rng: np.random.Generator) -> FloatArray:
    """Right singular vectors of the largest values (n_courses, components), by subspace passes.

    Halko, Martinsson, Tropp, "Finding Structure with Randomness" (SIAM Review 2011).
    """
    n_courses = normal.shape[1]
    wide = min(components + EXTRA, n_courses)
    basis = rng.standard_normal((n_courses, wide)).astype(np.float32)
    for _ in range(PASSES):
        basis, _ = np.linalg.qr(normal.T @ (normal @ basis))
    seen = normal @ basis
    _, turned = np.linalg.eigh((seen.T @ seen).astype(np.float64))
    best: FloatArray = basis @ turned[:, ::-1][:, :components].astype(np.float32)
    return best
