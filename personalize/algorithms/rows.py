"""How are neighbour models stored and scored? Sparse rows, summed over the history (L3, pure).

Row j holds what having taken course j says about every other course. item_knn, ease and
transitions differ only in how the rows are learned, so they share storage and the hot path.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from personalize.algorithms.base import (
    Arrays,
    FloatArray,
    History,
    IndexArray,
    Interactions,
    Recommender,
    recency_weights,
)

BLOCK_ROWS = 512
"""Rows made dense at once while neighbours are picked; bounds the memory of a fit."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A CSR matrix with sorted indices, as three plain arrays."""

    data: FloatArray
    indices: IndexArray
    indptr: NDArray[np.int64]

    def weighted_sum(
        self, courses: NDArray[Any], weights: NDArray[np.float64], n_courses: int
    ) -> NDArray[np.float64]:
        """Sum of weights[h] * row[courses[h]], shape (n_courses,)."""
        if not len(courses):
            return np.zeros(n_courses)
        indices, values = self._gather(courses, weights)
        total: NDArray[Any] = np.bincount(indices, weights=values, minlength=n_courses)
        return total.astype(np.float64, copy=False)

    def weighted_parts(
        self,
        courses: NDArray[Any],
        weights: NDArray[np.float64],
        wanted: IndexArray,
        n_courses: int,
    ) -> NDArray[np.float64]:
        """weights[h] * row[courses[h]] at the wanted columns, shape (h, k)."""
        distinct, back = np.unique(wanted, return_inverse=True)
        parts = np.zeros((len(courses), len(distinct)))
        if len(courses):
            indices, values = self._gather(courses, weights)
            rows = np.repeat(np.arange(len(courses)), self._lengths(courses))
            column = np.full(n_courses, -1)
            column[distinct] = np.arange(len(distinct))
            asked = np.flatnonzero(column[indices] >= 0)
            parts[rows[asked], column[indices[asked]]] = values[asked]
        return parts[:, back]

    def _lengths(self, courses: NDArray[Any]) -> NDArray[np.int64]:
        lengths: NDArray[np.int64] = self.indptr[courses + 1] - self.indptr[courses]
        return lengths

    def _gather(
        self, courses: NDArray[Any], weights: NDArray[np.float64]
    ) -> tuple[IndexArray, NDArray[np.float64]]:
        """Columns and weighted values of these rows, end to end."""
        spans = [
            slice(start, end)
            for start, end in zip(
                self.indptr[courses].tolist(), self.indptr[courses + 1].tolist(), strict=True
            )
        ]
        indices = np.concatenate([self.indices[span] for span in spans])
        values = np.concatenate([self.data[span] for span in spans])
        return indices, values * np.repeat(weights, self._lengths(courses))

    def matrix(self, n_courses: int) -> sp.csr_matrix:
        return sp.csr_matrix((self.data, self.indices, self.indptr), shape=(n_courses, n_courses))


def strongest(block: FloatArray, neighbours: int) -> sp.csr_matrix:
    """The block's largest absolute values of every row, as sparse rows with sorted indices."""
    n_courses = block.shape[1]
    if neighbours < n_courses:
        weak = np.argpartition(-np.abs(block), neighbours - 1, axis=1)[:, neighbours:]
        np.put_along_axis(block, weak, 0.0, axis=1)
    kept = sp.csr_matrix(block)
    kept.sort_indices()
    return kept


def to_rows(blocks: Sequence[sp.csr_matrix]) -> Rows:
    """One Rows out of consecutive blocks of rows."""
    stacked = sp.vstack(blocks, format="csr")
    return Rows(
        data=stacked.data.astype(np.float32),
        indices=stacked.indices.astype(np.int32),
        indptr=stacked.indptr.astype(np.int64),
    )


def learner_matrix(data: Interactions, damping: float = 0.0) -> sp.csr_matrix:
    """Learners x courses; a learner with L rows counts L ** -damping of each row's weight."""
    lengths = np.maximum(data.lengths(), 1).astype(np.float64)
    values = data.weights * (lengths**-damping)[data.learners]
    shape = (data.n_learners, data.n_courses)
    return sp.csr_matrix((values.astype(np.float32), (data.learners, data.courses)), shape=shape)


class NeighbourRecommender(Recommender):
    """Score = recency-weighted sum of the rows of the past courses; the parts are the rows."""

    half_life: float
    rows_: Rows
    half_life_: float

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        self.n_courses_ = data.n_courses
        self.half_life_ = self.half_life if data.ordered else np.inf
        self.rows_ = self.learn_rows(data, rng)
        return self

    @abstractmethod
    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        """The rows; what one past course says about every other course."""

    def score(self, history: History) -> FloatArray:
        weights = recency_weights(history, self.n_courses_, self.half_life_)
        known = weights > 0
        total = self.rows_.weighted_sum(history.courses[known], weights[known], self.n_courses_)
        return total.astype(np.float32)

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        weights = history_matrix(histories, self.n_courses_, self.half_life_)
        dense: NDArray[Any] = (weights @ self.rows_.matrix(self.n_courses_)).toarray()
        return dense.astype(np.float32)

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        weights = recency_weights(history, self.n_courses_, self.half_life_)
        known = np.flatnonzero(weights)
        parts = np.zeros((len(weights), len(courses)))
        parts[known] = self.rows_.weighted_parts(
            history.courses[known], weights[known], courses, self.n_courses_
        )
        return np.zeros(len(courses)), parts

    def arrays(self) -> Arrays:
        return {
            "data": self.rows_.data,
            "indices": self.rows_.indices,
            "indptr": self.rows_.indptr,
            "half_life": np.array([self.half_life_]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        model = cls(**params)
        # Plain views: slicing an np.memmap costs several times as much as slicing an array.
        model.rows_ = Rows(*(np.asarray(arrays[key]) for key in ("data", "indices", "indptr")))
        model.half_life_ = float(arrays["half_life"][0])
        model.n_courses_ = len(arrays["indptr"]) - 1
        return model


def history_matrix(histories: Sequence[History], n_courses: int, half_life: float) -> sp.csr_matrix:
    """Recency weights of several histories, shape (len(histories), n_courses)."""
    weights = [recency_weights(history, n_courses, half_life) for history in histories]
    kept = [w > 0 for w in weights]
    indptr = np.concatenate([[0], np.cumsum([k.sum() for k in kept], dtype=np.int64)])
    data = [w[k] for w, k in zip(weights, kept, strict=True)]
    courses = [h.courses[k] for h, k in zip(histories, kept, strict=True)]
    return sp.csr_matrix(
        (
            np.concatenate([np.zeros(0), *data]),
            np.concatenate([np.zeros(0, dtype=np.int32), *courses]),
            indptr,
        ),
        shape=(len(histories), n_courses),
    )
