"""What did learners take next who had the same two courses? Session-kNN, summed ahead (L3, pure).

Session-kNN lets every past learner vote for their courses with the square of what they share with
the history, so that two shared courses count more than twice as much as one. The square of a sum
is a sum over pairs, so the votes are summed by pair of courses at the fit: scoring looks up the
pairs of the history, and no learner is kept in the model.
"""

from collections.abc import Mapping
from functools import partial
from itertools import combinations
from typing import Any, ClassVar, NamedTuple, Self

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
from personalize.algorithms.holdout import some_learners
from personalize.algorithms.rows import Gathered, Rows
from personalize.algorithms.shapes import Shape, counts_of

GAP_DECAY = 0.8
DAMPING = 0.5
SHRINKAGE = 2.0
"""Mean pairs of votes by which the shares of a pair are held back: a pair seen once says little."""
ROWS = 1_500_000
"""Rows that are enough to learn pairs from; more would cost memory and find the same ones."""
LEAST_SUPPORT = 2
"""Steps a pair must have been followed by."""


class Pairs(NamedTuple):
    """Two past courses each, both (pairs,): where they stand in the history."""

    newer: NDArray[np.intp]
    older: NDArray[np.intp]


class SessionKnn(Recommender):
    """Shares of the steps that followed two courses within ``window``, summed over a history.

    A pair counts the geometric mean of the recency weights of its courses, and half of what it
    says is the part of either.
    """

    name: ClassVar[str] = "session_knn"

    codes_: NDArray[np.int64]
    rows_: Rows
    half_life_: float

    def __init__(
        self,
        *,
        window: int = 6,
        half_life: float = 4.0,
        power: float = 0.6,
        lean: float = 0.0,
        neighbours: int = 100,
    ) -> None:
        self.window = window
        self.half_life = half_life
        self.power = power
        self.lean = lean
        self.neighbours = neighbours

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        self.n_courses_ = data.n_courses
        self.half_life_ = self.half_life if data.ordered else np.inf
        self.codes_, votes = self._votes(some_learners(data, ROWS, rng))
        totals = np.asarray(votes.sum(axis=1)).ravel()
        held_back = totals + SHRINKAGE * max(float(totals.mean()) if len(totals) else 0.0, 1e-9)
        shares = _strongest(sp.diags(1.0 / held_back) @ votes, self.neighbours)
        self.rows_ = shares.shaped(Shape(self.power, self.lean), counts_of(data))
        return self

    def _votes(self, data: Interactions) -> tuple[NDArray[np.int64], sp.csr_matrix]:
        """Pairs (ascending) and the weighted steps that followed them, (pairs, n_courses)."""
        damp = np.maximum(data.lengths(), 1).astype(np.float64) ** -DAMPING
        codes, targets, votes = [], [], []
        for newer, older in combinations(range(1, self.window + 1), 2):
            at = np.arange(older, len(data.courses))
            at = at[data.learners[at] == data.learners[at - older]]
            codes.append(self._codes(data.courses[at - newer], data.courses[at - older]))
            targets.append(data.courses[at])
            votes.append(GAP_DECAY ** (newer + older - 3) * damp[data.learners[at]])
        known, which, support = np.unique(
            np.concatenate(codes), return_inverse=True, return_counts=True
        )
        frequent = support >= LEAST_SUPPORT
        place = np.cumsum(frequent) - 1
        kept = frequent[which]
        shape = (int(frequent.sum()), data.n_courses)
        values = np.concatenate(votes)[kept].astype(np.float32)
        columns = np.concatenate(targets)[kept]
        return known[frequent], sp.csr_matrix((values, (place[which[kept]], columns)), shape=shape)

    def _codes(self, one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.int64]:
        """One number a pair of courses, whichever came first."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        codes: NDArray[np.int64] = low.astype(np.int64) * self.n_courses_ + high
        return codes

    def _pairs(self, history: History) -> tuple[Pairs, Gathered]:
        """The known pairs among the newest courses, and the weighted rows of each."""
        weights = recency_weights(history, self.n_courses_, self.half_life_)
        newest = np.flatnonzero(weights)[-self.window :]
        older, newer = np.triu_indices(len(newest), 1)
        pairs = Pairs(newest[newer], newest[older])
        codes = self._codes(history.courses[pairs.newer], history.courses[pairs.older])
        at = np.searchsorted(self.codes_, codes)
        at[at == len(self.codes_)] = 0
        found = np.flatnonzero(self.codes_[at] == codes) if len(self.codes_) else codes[:0]
        pairs = Pairs(pairs.newer[found], pairs.older[found])
        loud = np.sqrt(weights[pairs.newer] * weights[pairs.older])
        return pairs, self.rows_.gather(at[found], loud)

    def score(self, history: History) -> FloatArray:
        return self.score_with_parts(history)[0]

    def score_with_parts(self, history: History) -> tuple[FloatArray, PartsOf]:
        pairs, gathered = self._pairs(history)
        scores = gathered.total(self.n_courses_).astype(np.float32)
        return scores, partial(self._parts, len(history.courses), pairs, gathered)

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.score_with_parts(history)[1](courses)

    def _parts(
        self, past: int, pairs: Pairs, gathered: Gathered, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        halves = gathered.at(courses, self.n_courses_) / 2.0
        parts = np.zeros((past, len(courses)))
        np.add.at(parts, pairs.newer, halves)
        np.add.at(parts, pairs.older, halves)
        return np.zeros(len(courses)), parts

    def arrays(self) -> Arrays:
        return {
            "codes": self.codes_,
            "data": self.rows_.data,
            "indices": self.rows_.indices,
            "indptr": self.rows_.indptr,
            "n_courses": np.array([self.n_courses_]),
            "half_life": np.array([self.half_life_]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        model = cls(**params)
        model.codes_ = np.asarray(arrays["codes"])
        model.rows_ = Rows(*(np.asarray(arrays[key]) for key in ("data", "indices", "indptr")))
        model.n_courses_ = int(arrays["n_courses"][0])
        model.half_life_ = float(arrays["half_life"][0])
        return model


def _strongest(matrix: sp.csr_matrix, most: int) -> Rows:
    """The largest values of every row, by ranks within rows: no row is made dense."""
    matrix = matrix.tocsr()
    lengths = np.diff(matrix.indptr)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((-matrix.data, rows))
    kept = np.sort(order[np.arange(len(order)) - matrix.indptr[rows[order]] < most])
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=len(lengths)))])
    return Rows(
        data=matrix.data[kept].astype(np.float32),
        indices=matrix.indices[kept].astype(np.int32),
        indptr=indptr.astype(np.int64),
    )
