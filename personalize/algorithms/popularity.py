"""What do learners take most? The same list for everyone, and the floor for thin histories (L3)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import (
    Arrays,
    FloatArray,
    History,
    IndexArray,
    Interactions,
    Recommender,
)
from personalize.algorithms.holdout import has_clock


class Popularity(Recommender):
    """Log of the weighted count of each course, scaled to 0..1. All of it is base, no parts.

    Where times are a clock, a choice counts half as much every ``half_life_days`` before the newest
    one: what learners take moves on.
    """

    name: ClassVar[str] = "popularity"

    popularity_: FloatArray

    def __init__(self, *, half_life_days: float = 180.0) -> None:
        self.half_life_days = half_life_days

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        self.n_courses_ = data.n_courses
        counts = np.bincount(data.courses, weights=self._worth(data), minlength=data.n_courses)
        logs = np.log1p(counts)
        self.popularity_ = (logs / max(float(logs.max(initial=0.0)), 1e-12)).astype(np.float32)
        return self

    def _worth(self, data: Interactions) -> FloatArray:
        """What each row counts."""
        if not has_clock(data):
            return data.weights
        ages = data.times.max() - data.times
        worth: FloatArray = data.weights * np.exp2(-ages / self.half_life_days).astype(np.float32)
        return worth

    def score(self, history: History) -> FloatArray:
        return self.popularity_

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        return np.tile(self.popularity_, (len(histories), 1))

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        base = self.popularity_[courses].astype(np.float64)
        return base, np.zeros((len(history.courses), len(courses)))

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        model = cls(**params)
        model.popularity_ = np.asarray(arrays["popularity"])
        model.n_courses_ = len(model.popularity_)
        return model
