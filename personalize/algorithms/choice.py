"""Which course is chosen next, out of all others? A softmax over courses, learned (L3, pure).

Every step of a history is a choice among courses. Two vectors of a past course say what it leads
to at once and what it leads to later, one vector of a course says what leads to it; they are
learned by gradient so that the courses really chosen are likely (a log-bilinear model: Mnih and
Hinton, "Three New Graphical Models for Statistical Language Modelling", ICML 2007). The counting
models look at pairs that occurred; this one also knows what is likely after rare courses.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

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
from personalize.algorithms.choice_fit import Learned, learn
from personalize.algorithms.rows import history_matrix

HALF_LIVES = (0.7, 4.0)
"""Courses back until a past course counts half: for what follows at once, and for later."""


class Choice(Recommender):
    """Score = probability of being chosen next ** ``sharpness``, up to one factor a history.

    The logarithm of the probability is a sum over past courses; each gets the share of the score
    that its share in that sum brings on the straight way from no history to this one.
    """

    name: ClassVar[str] = "choice"

    learned_: Learned
    half_lives_: tuple[float, ...]

    def __init__(self, *, factors: int = 128, epochs: int = 2, sharpness: float = 0.3) -> None:
        self.factors = factors
        self.epochs = epochs
        self.sharpness = sharpness

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        self.n_courses_ = data.n_courses
        self.half_lives_ = HALF_LIVES if data.ordered else (np.inf, np.inf)
        with threadpool_limits(1, "blas"):
            self.learned_ = learn(
                data, self.half_lives_, factors=self.factors, epochs=self.epochs, rng=rng
            )
        return self

    def score(self, history: History) -> FloatArray:
        return self.score_with_parts(history)[0]

    def score_with_parts(self, history: History) -> tuple[FloatArray, PartsOf]:
        says = self._says(history)
        logits = self.learned_.targets @ says.sum(axis=0) + self.learned_.bias
        highest = logits.max(initial=-np.inf)
        scores = np.exp(np.float32(self.sharpness) * (logits - highest))
        return scores, partial(self._parts, says, float(highest))

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        if not histories:
            return np.zeros((0, self.n_courses_), dtype=np.float32)
        tastes = np.zeros((len(histories), self.learned_.targets.shape[1]), np.float32)
        for vectors, half_life in zip(self.learned_.sources, self.half_lives_, strict=True):
            weights = history_matrix(histories, self.n_courses_, half_life)
            totals = np.asarray(weights.sum(axis=1)).ravel()
            tastes += sp.diags(np.maximum(totals, 1e-9) ** -0.5) @ weights @ vectors
        logits = tastes @ self.learned_.targets.T + self.learned_.bias
        logits -= logits.max(axis=1, keepdims=True)
        scores: FloatArray = np.exp(np.float32(self.sharpness) * logits)
        return scores

    def _says(self, history: History) -> FloatArray:
        """What each past course adds to the learner's vector, shape (h, factors)."""
        known = np.where(history.courses < self.n_courses_, history.courses, 0)
        says = np.zeros((len(known), self.learned_.targets.shape[1]), np.float32)
        for vectors, half_life in zip(self.learned_.sources, self.half_lives_, strict=True):
            weights = recency_weights(history, self.n_courses_, half_life)
            weights /= np.sqrt(max(float(weights.sum()), 1e-9))
            says += weights.astype(np.float32)[:, None] * vectors[known]
        return says

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.score_with_parts(history)[1](courses)

    def _parts(
        self, says: FloatArray, highest: float, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        bias = self.learned_.bias[courses].astype(np.float64)
        added = says.astype(np.float64) @ self.learned_.targets[courses].T.astype(np.float64)
        total = added.sum(axis=0)
        base = np.exp(self.sharpness * (bias - highest))
        slope = np.full(len(courses), self.sharpness)
        np.divide(np.expm1(self.sharpness * total), total, out=slope, where=np.abs(total) > 1e-9)
        return base, added * (base * slope)

    def arrays(self) -> Arrays:
        short, long = self.learned_.sources
        return {
            "short": short,
            "long": long,
            "targets": self.learned_.targets,
            "bias": self.learned_.bias,
            "half_lives": np.array(self.half_lives_),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        model = cls(**params)
        short, long, targets, bias = (
            np.asarray(arrays[key]) for key in ("short", "long", "targets", "bias")
        )
        model.learned_ = Learned(sources=(short, long), targets=targets, bias=bias)
        model.half_lives_ = tuple(arrays["half_lives"].tolist())
        model.n_courses_ = len(bias)
        return model
