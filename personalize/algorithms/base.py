"""What is a recommender here? The data it reads and the contract every algorithm keeps (L3, pure).

A learner is never part of a fitted model: every score is computed from the history that is
handed in, so one artifact serves known and new learners and holds no learner's data.
Scores add up: ``score[i] == base[i] + sum over past courses of part[h, i]``, which is what the
explanations are made of.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.int32]
Arrays = dict[str, NDArray[Any]]
PartsOf = Callable[[IndexArray], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Courses (k,) -> base (k,) and parts (h, k) of the score of one history."""


class MemoryBoundError(Exception):
    """The fit would need more memory than the model's bound allows; the text says how much."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """Training rows, sorted by learner, then time. All arrays have the same length.

    ``times`` are days or positions: only order within a learner counts. Rows of a learner that
    all carry the same time have no order, and nothing is read from the order they stand in.
    """

    learners: IndexArray
    courses: IndexArray
    times: NDArray[np.float64]
    weights: FloatArray
    n_learners: int
    n_courses: int
    about: sp.csr_matrix | None = None
    """What each course says of itself, (n_courses, terms); None where nothing is known of them."""

    @property
    def ordered(self) -> bool:
        """True when at least one learner's rows differ in time."""
        same_learner = self.learners[1:] == self.learners[:-1]
        return bool(np.any(same_learner & (self.times[1:] != self.times[:-1])))

    def starts(self) -> NDArray[np.int64]:
        """First row of every learner, plus the end: shape (n_learners + 1,)."""
        return np.searchsorted(self.learners, np.arange(self.n_learners + 1)).astype(np.int64)

    def lengths(self) -> NDArray[np.int64]:
        """Rows of every learner: shape (n_learners,)."""
        return np.bincount(self.learners, minlength=self.n_learners).astype(np.int64)

    def take(self, rows: NDArray[Any]) -> "Interactions":
        """The same learners and courses with only these rows (a mask or sorted positions)."""
        return replace(
            self,
            learners=self.learners[rows],
            courses=self.courses[rows],
            times=self.times[rows],
            weights=self.weights[rows],
        )


@dataclass(frozen=True, slots=True)
class History:
    """What one learner did, oldest first. Courses outside the model's range count for nothing."""

    courses: IndexArray
    weights: FloatArray

    @classmethod
    def of(cls, courses: Sequence[int] | NDArray[Any]) -> Self:
        """A history in which every course weighs 1."""
        indices = np.asarray(courses, dtype=np.int32)
        return cls(courses=indices, weights=np.ones(len(indices), dtype=np.float32))


class Recommender(ABC):
    """One algorithm. ``__init__`` stores parameters, ``fit`` works, fitted attributes end in _."""

    name: ClassVar[str]

    n_courses_: int

    @abstractmethod
    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        """Learn from the rows. Raises MemoryBoundError before it allocates too much."""

    @abstractmethod
    def score(self, history: History) -> FloatArray:
        """Scores of all courses, shape (n_courses,). Higher is better; seen courses included."""

    @abstractmethod
    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Base (k,) and parts (h, k); ``base + parts.sum(0)`` is the score of these courses."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """Everything needed to serve, as plain numeric arrays that may be memory-mapped."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        """The fitted model back from ``arrays()`` and ``params()``; the arrays are not changed."""

    def score_with_parts(self, history: History) -> tuple[FloatArray, PartsOf]:
        """The scores, and what explains them later without scoring again."""
        return self.score(history), partial(self.contributions, history)

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        """Scores of several learners, shape (len(histories), n_courses)."""
        if not histories:
            return np.zeros((0, self.n_courses_), dtype=np.float32)
        return np.stack([self.score(history) for history in histories])

    def params(self) -> dict[str, Any]:
        """The constructor's parameters, JSON-ready, for the model card and ``from_arrays``."""
        return {key: getattr(self, key) for key in inspect.signature(type(self)).parameters}

    def refit_params(self) -> dict[str, Any]:
        """Parameters that fit the same configuration on newer data without searching again."""
        return self.params()


def known_courses(history: History, n_courses: int) -> NDArray[np.bool_]:
    """Which rows of the history the model can use: in range and with a weight above zero."""
    in_range = (history.courses >= 0) & (history.courses < n_courses)
    return in_range & (history.weights > 0)


def recency_weights(history: History, n_courses: int, half_life: float) -> NDArray[np.float64]:
    """Weight of each past course, halved every ``half_life`` courses back; unknown ones get 0.

    Unknown courses do not age the others: a retired course must not push real ones back.
    """
    known = known_courses(history, n_courses)
    newer = known[::-1].cumsum()[::-1] - known
    return np.where(known, history.weights * np.exp2(-newer / half_life), 0.0)
