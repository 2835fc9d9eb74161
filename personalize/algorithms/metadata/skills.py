"""Which skills does a course teach? (L3, pure) Learnt from courses whose skills are known.

Courses alike have skills alike: a ridge regression on the kernel of words, letters, title and
offer scores every skill from four views, beside a vote of the nearest courses. What scores high or
is named in the text is a candidate; boosted trees then weigh scores and namings of each candidate.
They learn from scores made without the course itself, in folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from personalize.algorithms.metadata.naming import Names, Naming
from personalize.algorithms.metadata.texts import CourseText, Views

Floats = NDArray[np.float64]

FOLDS = 5
KINDS = ("words", "letters", "title", "facts")
# (weight of each kind, ridge): all together; text alone; title alone; offer alone
VIEWS = (
    ((1.0, 0.5, 0.5, 0.2), 1.0),
    ((1.0, 0.5, 0.0, 0.0), 1.0),
    ((0.0, 0.0, 1.0, 0.0), 0.7),
    ((0.0, 0.0, 0.0, 0.33), 2.0),
)
NEAREST = 15
TITLE_COUNTS, TEXT_COUNTS = 0.2, 0.1  # of a naming beside a score, before trees weigh them
CANDIDATES = 40
PRIOR = 3.0  # courses by which the trust in a naming is drawn to the mean of all names


@dataclass(frozen=True, slots=True)
class Scored:
    """The candidates of some courses: row, column (skill), figures."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    figures: Floats


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the skills of the courses learnt from."""

    taught: Floats  # 0 or 1, (courses, skills)
    together: Floats  # how often a skill (column) comes with another (row), per course of that
    trust: tuple[Floats, Floats]  # share of courses that teach what title, text name

    @classmethod
    def of(cls, taught: Floats, naming: Naming) -> Self:
        """Count what goes together, and what a naming is worth."""
        courses = taught.sum(axis=0)
        pairs = taught.T @ taught
        np.fill_diagonal(pairs, 0)
        trust = tuple(_trust(taught, named > 0) for named in (naming.in_title, naming.in_text))
        return cls(taught, pairs / (courses[:, None] + 1), (trust[0], trust[1]))


class SkillModel:
    """How likely does a course teach each skill that others teach?"""

    def __init__(self, *, seed: int = 0) -> None:
        """Draw folds with this seed."""
        self.seed = seed

    def fit(self, courses: Sequence[CourseText], skills: Sequence[Sequence[str]]) -> Self:
        """Learn from courses with their skills. Raises ValueError for fewer than FOLDS courses."""
        if len(courses) < FOLDS:
            raise ValueError(f"{len(courses)} courses have skills; {FOLDS} are the least.")
        self.skills_ = tuple(sorted({skill for own in skills for skill in own}))
        column = {skill: place for place, skill in enumerate(self.skills_)}
        taught = np.zeros((len(courses), len(self.skills_)))
        for row, own in enumerate(skills):
            taught[row, [column[skill] for skill in own]] = 1
        self.views_ = Views().fit(courses)
        self.names_ = Names(self.skills_).fit(courses)
        self._vectors = self._read(courses)
        kernels = _kernels(self._vectors, self._vectors)
        naming = self.names_.of(courses)
        self._lengths = _lengths(courses)
        self.known_ = Known.of(taught, naming)
        self.fold_ = np.random.default_rng(self.seed).permutation(len(courses)) % FOLDS
        parts = [
            _part(kernels, naming, taught, self.fold_ == fold, self._lengths, self.names_.sizes)
            for fold in range(FOLDS)
        ]
        figures = np.vstack([scored.figures for scored, _ in parts])
        right = np.concatenate([one for _, one in parts])
        of_fold = np.repeat(np.arange(FOLDS), [len(one) for _, one in parts])
        self.trees_ = _trees(self.seed).fit(figures, right)
        self.threshold_, self.expected_f1_ = self._threshold(figures, right, of_fold, taught)
        self._kernels = kernels
        return self

    def probabilities(self, courses: Sequence[CourseText]) -> Floats:
        """Return how likely each course teaches each of skills_; 0 for what is no candidate."""
        across = _kernels(self._read(courses), self._vectors)
        known = self.known_
        scores = _scores(across, self._kernels, known.taught)
        scored = _candidates(
            scores, self.names_.of(courses), known, _lengths(courses), self.names_.sizes
        )
        found = np.zeros((len(courses), len(self.skills_)))
        if len(scored.rows):
            found[scored.rows, scored.columns] = self.trees_.predict_proba(scored.figures)[:, 1]
        return found

    def nearest(self, course: CourseText, *, most: int = NEAREST) -> NDArray[np.int64]:
        """Return the courses learnt from that are most like one, the most alike first."""
        across = _mixed(_kernels(self._read([course]), self._vectors), VIEWS[0][0])[0]
        return np.argsort(-across, kind="stable")[:most]

    def _read(self, courses: Sequence[CourseText]) -> tuple[Any, ...]:
        seen = self.views_.of(courses)
        facts = seen["offer"][:, : len(self.views_.facts)]
        return seen["words"], seen["letters"], seen["title"], facts

    def _threshold(
        self, figures: Floats, right: NDArray[np.bool_], of_fold: NDArray[np.int64], taught: Floats
    ) -> tuple[float, float]:
        """Return from which likelihood on F1 over all candidates is best, and that F1.

        Every candidate is judged by trees that learnt from the other folds.
        """
        judged = np.zeros(len(right))
        for fold in range(FOLDS):
            own = np.asarray(of_fold == fold, bool)
            if right[~own].any() and own.any():
                trees = _trees(self.seed).fit(figures[~own], right[~own])
                judged[own] = trees.predict_proba(figures[own])[:, 1]
        wanted = sum(
            taught[self.fold_ == fold][:, taught[self.fold_ != fold].any(axis=0)].sum()
            for fold in range(FOLDS)
        )
        order = np.argsort(-judged, kind="stable")
        hits = np.cumsum(right[order])
        f1 = 2 * hits / (np.arange(1, len(order) + 1) + wanted)
        best = int(f1.argmax())
        return float(judged[order][best]), float(f1[best])


def _trees(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=30,
        l2_regularization=1.0,
        random_state=seed,
    )


def _part(
    kernels: Sequence[Floats],
    naming: Naming,
    taught: Floats,
    own: NDArray[np.bool_],
    lengths: Floats,
    sizes: Floats,
) -> tuple[Scored, NDArray[np.bool_]]:
    """Return candidates of one fold, scored by the others, and which of them are right."""
    inside = [kernel[np.ix_(~own, ~own)] for kernel in kernels]
    across = [kernel[np.ix_(own, ~own)] for kernel in kernels]
    known = Known.of(taught[~own], _only(naming, ~own))
    scores = _scores(across, inside, known.taught)
    scored = _candidates(scores, _only(naming, own), known, lengths[own], sizes)
    met = (known.taught.sum(axis=0) > 0)[
        scored.columns
    ]  # no score tells of a skill nobody taught yet
    kept = Scored(scored.rows[met], scored.columns[met], scored.figures[met])
    return kept, taught[own][kept.rows, kept.columns] > 0


def _scores(across: Sequence[Floats], inside: Sequence[Floats], taught: Floats) -> list[Floats]:
    found = []
    for weights, ridge in VIEWS:
        kernel = _mixed(inside, weights)
        kernel[np.diag_indices_from(kernel)] += ridge
        found.append(_mixed(across, weights) @ np.linalg.solve(kernel, taught))
    near = _mixed(across, VIEWS[0][0])
    most = min(NEAREST, near.shape[1])
    top = np.argpartition(-near, most - 1, axis=1)[:, :most]
    weights_near = np.take_along_axis(near, top, axis=1)
    weights_near = weights_near / np.maximum(weights_near.sum(axis=1, keepdims=True), 1e-9)
    found.append(np.einsum("ck,cks->cs", weights_near, taught[top]))
    return found


def _candidates(
    scores: Sequence[Floats], naming: Naming, known: Known, lengths: Floats, sizes: Floats
) -> Scored:
    first = scores[0] + TITLE_COUNTS * (naming.in_title > 0) + TEXT_COUNTS * (naming.in_text > 0)
    ranks = np.argsort(np.argsort(-first, axis=1, kind="stable"), axis=1)
    rows, columns = np.nonzero((ranks < CANDIDATES) | naming.any)
    top = -np.sort(-first, axis=1)[:, :8]
    support = np.maximum(scores[0], 0) @ known.together
    value = first[rows, columns]
    named = (naming.in_text > 0).sum(axis=1)
    figures = [
        *(score[rows, columns] for score in scores),
        naming.in_title[rows, columns],
        naming.in_text[rows, columns],
        naming.in_short[rows, columns],
        naming.title_share[rows, columns],
        naming.text_share[rows, columns],
        value,
        ranks[rows, columns],
        value / np.maximum(top[rows, 0], 1e-6),
        top[rows, 0],
        top[rows, min(3, top.shape[1] - 1)],
        top.sum(axis=1)[rows],
        np.log(np.maximum(known.taught.sum(axis=0), 0.5))[columns],
        support[rows, columns],
        known.trust[0][columns],
        known.trust[1][columns],
        sizes[columns],
        named[rows],
        lengths[rows],
    ]
    return Scored(rows, columns, np.column_stack(figures))


def _trust(taught: Floats, named: NDArray[np.bool_]) -> Floats:
    usual = float(taught[named].mean()) if named.any() else 0.0
    return np.asarray(
        ((taught * named).sum(axis=0) + PRIOR * usual) / (named.sum(axis=0) + PRIOR), np.float64
    )


def _only(naming: Naming, own: NDArray[np.bool_]) -> Naming:
    return Naming(
        naming.in_title[own],
        naming.in_text[own],
        naming.in_short[own],
        naming.title_share[own],
        naming.text_share[own],
    )


def _kernels(left: Sequence[Any], right: Sequence[Any]) -> list[Floats]:
    return [np.asarray((a @ b.T).todense(), np.float64) for a, b in zip(left, right, strict=True)]


def _mixed(kernels: Sequence[Floats], weights: Sequence[float]) -> Floats:
    parts = [w * kernel for w, kernel in zip(weights, kernels, strict=True) if w]
    return np.asarray(np.sum(parts, axis=0), np.float64)


def _lengths(courses: Sequence[CourseText]) -> Floats:
    return np.array([len(one.text) for one in courses], float)
