"""How much does a course ask for? (L3, pure) Three readings of its text and one of its subjects.

Words, letters and title each make a logistic regression, beside what is known of the offer; a
forest reads the subjects the words fall into. The classes count alike, however rare one is, and
the four judgements are averaged as logarithms.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression

from personalize.algorithms.metadata.texts import CourseText, Views

Floats = NDArray[np.float64]

READINGS = ("words", "letters", "title")
OFFER_COUNTS = 0.5
STRENGTH = 3.0  # the inverse of the penalty
SUBJECTS = 100
TREES = 400
SURE = 1e-6  # the least likelihood before logarithms are taken


class LevelModel:
    """Which of the levels fits a course, and how likely?"""

    def __init__(self, *, seed: int = 0) -> None:
        """Draw the forest with this seed."""
        self.seed = seed

    def fit(self, courses: Sequence[CourseText], levels: Sequence[str]) -> Self:
        """Learn from labelled courses. Raises ValueError unless there are two levels or more."""
        self.views_ = Views().fit(courses)
        seen = self.views_.of(courses)
        labels = np.array(levels)
        self.readings_ = {
            name: LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=300).fit(
                _beside(seen[name], seen["offer"]), labels
            )
            for name in READINGS
        }
        self.levels_ = tuple(str(level) for level in self.readings_["words"].classes_)
        named = self._named(courses, seen)
        size = min(SUBJECTS, named.shape[0] - 1, named.shape[1] - 1)
        self.subjects_ = TruncatedSVD(size, random_state=self.seed).fit(named)
        self.forest_ = ExtraTreesClassifier(
            TREES, min_samples_leaf=3, class_weight="balanced", random_state=self.seed
        ).fit(self._subjects(courses, seen), labels)
        return self

    def probabilities(self, courses: Sequence[CourseText]) -> Floats:
        """Return how likely each level is, (courses, levels_); rows sum to one."""
        seen = self.views_.of(courses)
        votes = [
            model.predict_proba(_beside(seen[name], seen["offer"]))
            for name, model in self.readings_.items()
        ]
        votes.append(self.forest_.predict_proba(self._subjects(courses, seen)))
        joined = np.exp(np.mean([np.log(vote + SURE) for vote in votes], axis=0))
        return np.asarray(joined / joined.sum(axis=1, keepdims=True), np.float64)

    def telling(self, course: CourseText, level: str, *, most: int = 3) -> tuple[str, ...]:
        """Return the words of a course that speak most for a level, against the other levels."""
        model, views = self.readings_["words"], self.views_
        row = views.of([course])["words"]
        place = self.levels_.index(level)
        weights = model.coef_[place] if len(self.levels_) > 2 else (2 * place - 1) * model.coef_[0]
        names = views.words.get_feature_names_out()
        parts = sorted(
            ((value * weights[column], str(names[column])) for column, value in _cells(row)),
            reverse=True,
        )
        return tuple(name for part, name in parts[:most] if part > 0)

    def _named(self, courses: Sequence[CourseText], seen: Mapping[str, Any]) -> Any:
        titles = self.views_.title_words.transform([course.title for course in courses])
        return sparse.csr_matrix(sparse.hstack([seen["words"], titles]))

    def _subjects(self, courses: Sequence[CourseText], seen: Mapping[str, Any]) -> Floats:
        found = self.subjects_.transform(self._named(courses, seen))
        return np.hstack([found, self.views_.numbers(courses)])


def _beside(text: Any, offer: Any) -> Any:
    return sparse.csr_matrix(sparse.hstack([text, OFFER_COUNTS * offer]))


def _cells(row: Any) -> list[tuple[int, float]]:
    return list(zip(row.indices.tolist(), row.data.tolist(), strict=True))
