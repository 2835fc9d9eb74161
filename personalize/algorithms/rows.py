"""How are neighbour models stored and scored? Sparse rows, summed over the history (L3, pure).

Row j holds what having taken course j says about every other course. item_knn, ease and
transitions differ only in how the rows are learned, so they share storage and the hot path.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from personalize.algorithms.base import (
    Arrays,
    FloatArray,
    History,
    IndexArray,
    Interactions,
    PartsOf,
    Recommender,
    recency_weights,
)
from personalize.algorithms.holdout import ENOUGH_ROWS, some_learners
from personalize.algorithms.shapes import Shape, best, counts_of, half_lives, kept_back, shapes

BLOCK_ROWS = 512
"""Rows made dense at once while neighbours are picked; bounds the memory of a fit."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A CSR matrix with sorted indices, as three plain arrays."""

    data: FloatArray
    indices: IndexArray
    indptr: NDArray[np.int64]

    def gather(self, courses: NDArray[Any], weights: NDArray[np.float64]) -> "Gathered":
        """The rows of these courses end to end, each multiplied by its weight."""
        starts, ends = self.indptr[courses], self.indptr[courses + 1]
        lengths = ends - starts
        spans = [slice(*span) for span in zip(starts.tolist(), ends.tolist(), strict=True)]
        if not spans:
            return Gathered(np.empty(0, np.int32), np.empty(0), lengths)
        values = np.concatenate([self.data[span] for span in spans]) * np.repeat(weights, lengths)
        return Gathered(np.concatenate([self.indices[span] for span in spans]), values, lengths)

    def shaped(self, shape: Shape, counts: NDArray[np.float64]) -> "Rows":
        """The same rows in this shape; counts are the learners of each course."""
        values = np.sign(self.data) * np.abs(self.data) ** np.float32(shape.power)
        if shape.lean:
            values *= (counts**shape.lean).astype(np.float32)[self.indices]
        return Rows(values, self.indices, self.indptr)

    def matrix(self, n_courses: int) -> sp.csr_matrix:
        return sp.csr_matrix((self.data, self.indices, self.indptr), shape=(n_courses, n_courses))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Weighted rows end to end: columns and values, and how many belong to each row."""

    indices: IndexArray
    values: NDArray[np.float64]
    lengths: NDArray[np.int64]

    def total(self, n_courses: int) -> NDArray[np.float64]:
        """Sum of the rows, shape (n_courses,)."""
        total: NDArray[Any] = np.bincount(self.indices, weights=self.values, minlength=n_courses)
        return total.astype(np.float64, copy=False)

    def at(self, wanted: IndexArray, n_courses: int) -> NDArray[np.float64]:
        """The rows at the wanted columns, shape (rows, len(wanted))."""
        column = np.full(n_courses, -1)
        column[wanted] = np.arange(len(wanted))
        asked = np.flatnonzero(column[self.indices] >= 0)
        rows = np.repeat(np.arange(len(self.lengths)), self.lengths)[asked]
        found = np.zeros((len(self.lengths), len(wanted)))
        found[rows, column[self.indices[asked]]] = self.values[asked]
        return found[:, column[wanted]]  # a column wanted twice was filled once


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

    half_life: float | None
    usual_half_life: ClassVar[float] = 3.0
    power: float | None = 1.0
    lean: float | None = 0.0
    rows_: Rows
    half_life_: float
    shape_: Shape

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        """Learn the rows and shape them; a power, lean or half-life that is None is searched."""
        self.n_courses_ = data.n_courses
        self.shape_, self.half_life_ = self._search(data, rng)
        data = some_learners(data, ENOUGH_ROWS, rng)
        self.rows_ = self.learn_rows(data, rng).shaped(self.shape_, counts_of(data))
        return self

    def _search(self, data: Interactions, rng: np.random.Generator) -> tuple[Shape, float]:
        """The shape with the usual half-life, then the half-life with that shape."""
        open_shapes = shapes(self.power, self.lean)
        lives = half_lives(self.half_life, self.usual_half_life) if data.ordered else [np.inf]
        kept = kept_back(data, rng) if max(len(open_shapes), len(lives)) > 1 else None
        if kept is None:
            return open_shapes[0], lives[0]
        rows, counts = self.learn_rows(kept.train, rng), counts_of(kept.train)
        histories = {life: history_matrix(kept.histories, self.n_courses_, life) for life in lives}

        def scores_of(shape: Shape, life: float) -> FloatArray:
            return _scores(histories[life], rows.shaped(shape, counts), self.n_courses_)

        shape = best(open_shapes, lambda one: scores_of(one, lives[0]), kept)
        return shape, best(lives, lambda one: scores_of(shape, one), kept)

    def refit_params(self) -> dict[str, Any]:
        found = self.shape_._asdict()
        if np.isfinite(self.half_life_):
            found["half_life"] = self.half_life_
        return {key: found.get(key, value) for key, value in self.params().items()}

    @abstractmethod
    def learn_rows(self, data: Interactions, rng: np.random.Generator) -> Rows:
        """The rows; what one past course says about every other course."""

    def score(self, history: History) -> FloatArray:
        return self.score_with_parts(history)[0]

    def score_with_parts(self, history: History) -> tuple[FloatArray, PartsOf]:
        weights = recency_weights(history, self.n_courses_, self.half_life_)
        known = np.flatnonzero(weights)
        gathered = self.rows_.gather(history.courses[known], weights[known])
        scores = gathered.total(self.n_courses_).astype(np.float32)
        return scores, partial(self._parts, len(weights), known, gathered)

    def _parts(
        self, past: int, known: NDArray[np.intp], gathered: Gathered, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        parts = np.zeros((past, len(courses)))
        parts[known] = gathered.at(courses, self.n_courses_)
        return np.zeros(len(courses)), parts

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        weights = history_matrix(histories, self.n_courses_, self.half_life_)
        return _scores(weights, self.rows_, self.n_courses_)

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.score_with_parts(history)[1](courses)

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


def _scores(weights: sp.csr_matrix, rows: Rows, n_courses: int) -> FloatArray:
    dense: NDArray[Any] = (weights @ rows.matrix(n_courses)).toarray()
    return dense.astype(np.float32)


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
