"""Which courses predict each other, all others being equal? EASE, one inverse (L3, pure).

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019), with learners damped by
the length of their history, recency-weighted at scoring, and the strongest entries of every row
kept for serving.
"""

from typing import ClassVar

import numpy as np
from scipy.linalg import lapack

from personalize.algorithms.base import FloatArray, Interactions, MemoryBoundError
from personalize.algorithms.rows import (
    BLOCK_ROWS,
    NeighbourRecommender,
    Rows,
    learner_matrix,
    strongest,
    to_rows,
)

BYTES_PER_PAIR = 6
"""Peak memory of the fit per pair of courses: one float32 matrix inverted in place, and slack."""


class Ease(NeighbourRecommender):
    """Item weights B with a zero diagonal that minimise |X - XB|^2 + regularization |B|^2.

    ``regularization`` is in units of the mean diagonal of the Gram matrix, so one value suits
    catalogues of any size. Row j of B is what past course j says about every other course. Only
    what it says for a course is kept: leaving out the negative values raised HR@10 by .024.
    The shape is not searched by default: it would take another inverse.
    """

    name: ClassVar[str] = "ease"

    def __init__(
        self,
        *,
        regularization: float = 1.0,
        damping: float = 0.5,
        half_life: float = 3.0,
        neighbours: int = 300,
        max_memory_mb: int = 2000,
        power: float | None = 0.6,
        lean: float | None = 0.0,
    ) -> None:
        self.regularization = regularization
        self.damping = damping
        self.half_life = half_life
        self.neighbours = neighbours
        self.max_memory_mb = max_memory_mb
        self.power = power
        self.lean = lean

    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        self._refuse_if_too_large(data.n_courses)
        inverse = _inverse(self._gram(data))
        diagonal = inverse.diagonal().copy()
        blocks = []
        for start in range(0, data.n_courses, BLOCK_ROWS):
            block = np.maximum(-inverse[start : start + BLOCK_ROWS] / diagonal[None, :], 0.0)
            rows = np.arange(len(block))
            block[rows, start + rows] = 0.0
            blocks.append(strongest(block.astype(np.float32), self.neighbours))
        return to_rows(blocks)

    def _refuse_if_too_large(self, n_courses: int) -> None:
        need_mb = n_courses**2 * BYTES_PER_PAIR / 1e6
        if need_mb > self.max_memory_mb:
            raise MemoryBoundError(
                f"ease needs about {need_mb:,.0f} MB to invert {n_courses:,} x {n_courses:,} "
                f"courses and may use {self.max_memory_mb:,} MB; raise max_memory_mb to fit it"
            )

    def _gram(self, data: Interactions) -> FloatArray:
        """Regularized Gram matrix of the damped learners, column-major for LAPACK."""
        by_course = learner_matrix(data).T.tocsr()
        damped = learner_matrix(data, self.damping).tocsc()
        gram = np.empty((data.n_courses, data.n_courses), dtype=np.float32, order="F")
        for start in range(0, data.n_courses, BLOCK_ROWS):
            block = (by_course[start : start + BLOCK_ROWS] @ damped).toarray()
            gram[:, start : start + len(block)] = block.T
        mean = max(float(gram.diagonal().mean()), 1e-9)
        gram[np.diag_indices(data.n_courses)] += max(self.regularization, 1e-6) * mean
        return gram


def _inverse(gram: FloatArray) -> FloatArray:
    """Inverse of a positive definite column-major matrix, in place."""
    factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
    inverse: FloatArray
    inverse, unsolved = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed or unsolved:
        raise ValueError("ease: the Gram matrix is not positive definite; raise regularization")
    for start in range(0, len(inverse), BLOCK_ROWS):
        end = start + BLOCK_ROWS
        block = inverse[start:end, start:end]
        inverse[start:end, start:end] = np.tril(block) + np.tril(block, -1).T
        inverse[start:end, end:] = inverse[end:, start:end].T
    return inverse
