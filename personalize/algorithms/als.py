"""Which courses suit the taste a history reveals? Implicit-feedback ALS, folded in (L3, pure).

Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets" (ICDM 2008). Only
course factors are kept; the learner's factors are solved from the newest history at every
request. With the confidences fixed, a score is exactly the sum of one part per past course
(their section 5).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
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
from personalize.algorithms.evaluate import ndcg_at
from personalize.algorithms.holdout import ENOUGH_ROWS, Holdout, hold_outs, some_learners
from personalize.algorithms.rows import learner_matrix
from personalize.algorithms.shapes import half_lives

NEWEST = 200
"""Past courses folded in at most; accounts with thousands must not slow the request down."""

ROWS_A_THREAD = 50_000
"""Rows that keep a thread busy; on fewer, threads wait for one another longer than they work."""

SEARCH_LEARNERS = 3000
SEARCH_ROWS = 500_000
"""Rows that are enough to tell configurations apart."""
SEARCH_ITERATIONS = 4
USUAL_HALF_LIFE = 4.0


class Configuration(NamedTuple):
    factors: int
    regularization: float
    alpha: float


GRID = (
    Configuration(32, 200.0, 60.0),
    Configuration(64, 100.0, 30.0),
    Configuration(128, 150.0, 30.0),
    Configuration(128, 40.0, 100.0),
    Configuration(128, 10.0, 10.0),
    Configuration(128, 500.0, 100.0),
)
"""Far wider than the library's defaults, which lose to popularity on course data."""


class Als(Recommender):
    """Weighted matrix factorisation; any of the first three parameters left None starts the search.

    The search holds out the newest course of a sample of learners and keeps the configuration
    with the best NDCG@10 over all courses.
    """

    name: ClassVar[str] = "als"

    factors_: FloatArray
    solved_: FloatArray
    configuration_: Configuration

    def __init__(
        self,
        *,
        factors: int | None = None,
        regularization: float | None = None,
        alpha: float | None = None,
        iterations: int = 8,
        half_life: float | None = None,
        threads: int = 2,
    ) -> None:
        self.factors = factors
        self.regularization = regularization
        self.alpha = alpha
        self.iterations = iterations
        self.half_life = half_life
        self.threads = threads

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        configuration = self.configured(data, rng)
        self._learn(some_learners(data, ENOUGH_ROWS, rng), configuration, self.iterations, rng)
        return self

    def configured(self, data: Interactions, rng: np.random.Generator) -> Configuration:
        """Return the parameters given, else those that the search finds on this data."""
        self.half_life_ = (self.half_life or USUAL_HALF_LIFE) if data.ordered else np.inf
        return self._given() or self._search(data, rng)

    def _given(self) -> Configuration | None:
        if self.factors is None or self.regularization is None or self.alpha is None:
            return None
        return Configuration(self.factors, self.regularization, self.alpha)

    def refit_params(self) -> dict[str, Any]:
        found = self.params() | self.configuration_._asdict()
        return found | ({"half_life": self.half_life_} if np.isfinite(self.half_life_) else {})

    def _search(self, data: Interactions, rng: np.random.Generator) -> Configuration:
        """The best configuration with the usual half-life; then its best half-life is set."""
        some = some_learners(data, SEARCH_ROWS, rng)
        kept = hold_outs(some, learners=SEARCH_LEARNERS, rng=rng)
        usual = [self.half_life_]
        found = max(GRID, key=lambda one: self._qualities(kept, one, usual, rng)[0])
        if self.half_life is None and data.ordered:
            lives = half_lives(None, USUAL_HALF_LIFE)
            self.half_life_ = lives[int(np.argmax(self._qualities(kept, found, lives, rng)))]
        return found

    def _qualities(
        self,
        kept: Sequence[Holdout],
        configuration: Configuration,
        lives: Sequence[float],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """NDCG@10 by half-life, summed over all learners held out."""
        totals = np.zeros(len(lives))
        for holdout in kept:
            self._learn(holdout.train, configuration, SEARCH_ITERATIONS, rng)
            for place, life in enumerate(lives):
                self.half_life_ = life
                found = ndcg_at(self.score_many(holdout.histories), holdout, 10)
                totals[place] += found * len(holdout.targets)
        return totals

    def _learn(
        self,
        data: Interactions,
        configuration: Configuration,
        iterations: int,
        rng: np.random.Generator,
    ) -> None:
        with threadpool_limits(1, "blas"):
            solver = AlternatingLeastSquares(
                factors=configuration.factors,
                regularization=configuration.regularization,
                alpha=configuration.alpha,
                iterations=iterations,
                num_threads=min(self.threads, 1 + len(data.courses) // ROWS_A_THREAD),
                random_state=int(rng.integers(2**31)),
                dtype=np.float32,
            )
            solver.fit(learner_matrix(data), show_progress=False)
        self.take(np.asarray(solver.item_factors), configuration)

    def take(self, found: FloatArray, configuration: Configuration) -> Self:
        """Serve these course factors (n_courses, factors), whoever solved them."""
        self.n_courses_ = len(found)
        self.configuration_ = configuration
        factors = found.astype(np.float64)
        ridge = configuration.regularization * np.eye(factors.shape[1])
        self.factors_ = factors.astype(np.float32)
        self.solved_ = np.linalg.solve(factors.T @ factors + ridge, factors.T).T.astype(np.float32)
        return self

    def _fold_in(
        self, history: History
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        """Rows used (m,), their confidences (m,) and the map (m, m) to coefficients.

        The learner's factors solve (F'F + ridge + V'CV) x = V'c over the m past courses V. By
        the push-through identity x = S'(I + CM)^-1 c with S = V (F'F + ridge)^-1 and M = VS',
        so the system is as small as the history.
        """
        weights = recency_weights(history, self.n_courses_, self.half_life_)
        used = np.flatnonzero(weights)[-NEWEST:]
        confidence = self.configuration_.alpha * weights[used]
        courses = history.courses[used]
        overlap = (self.factors_[courses] @ self.solved_[courses].T).astype(np.float64)
        system = np.eye(len(used)) + confidence[:, None] * overlap
        return used, confidence, system

    def learner_factors(self, history: History) -> FloatArray:
        """The learner's taste, shape (factors,), solved from the history alone."""
        return self._taste(history, *self._fold_in(history))

    def _taste(
        self,
        history: History,
        used: NDArray[np.intp],
        confidence: NDArray[np.float64],
        system: NDArray[np.float64],
    ) -> FloatArray:
        coefficients = np.linalg.solve(system, confidence)
        taste: NDArray[np.float64] = coefficients @ self.solved_[history.courses[used]]
        return taste.astype(np.float32)

    def score(self, history: History) -> FloatArray:
        return self.score_with_parts(history)[0]

    def score_with_parts(self, history: History) -> tuple[FloatArray, PartsOf]:
        folded = self._fold_in(history)
        return self.factors_ @ self._taste(history, *folded), partial(self._parts, history, *folded)

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        if not histories:
            return np.zeros((0, self.n_courses_), dtype=np.float32)
        tastes = np.stack([self.learner_factors(history) for history in histories])
        return tastes @ self.factors_.T

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.score_with_parts(history)[1](courses)

    def _parts(
        self,
        history: History,
        used: NDArray[np.intp],
        confidence: NDArray[np.float64],
        system: NDArray[np.float64],
        courses: IndexArray,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        solved = self.solved_[history.courses[used]].astype(np.float64)
        coefficients = np.linalg.solve(system, np.diag(confidence))
        reach = self.factors_[courses].astype(np.float64) @ solved.T
        parts = np.zeros((len(history.courses), len(courses)))
        parts[used] = (reach @ coefficients).T
        return np.zeros(len(courses)), parts

    def arrays(self) -> Arrays:
        return {
            "factors": self.factors_,
            "solved": self.solved_,
            "configuration": np.array(self.configuration_, dtype=np.float64),
            "half_life": np.array([self.half_life_]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        model = cls(**params)
        model.factors_ = np.asarray(arrays["factors"])
        model.solved_ = np.asarray(arrays["solved"])
        factors, regularization, alpha = arrays["configuration"].tolist()
        model.configuration_ = Configuration(int(factors), regularization, alpha)
        model.half_life_ = float(arrays["half_life"][0])
        model.n_courses_ = len(model.factors_)
        return model
