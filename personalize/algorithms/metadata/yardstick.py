"""What would TF-IDF and logistic regression say? (L3, pure) The least a better model must beat."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from personalize.algorithms.metadata.texts import CourseText

Floats = NDArray[np.float64]

FOLDS = 3
LEAST_COURSES = 3  # that teach a skill it can say
STRENGTH = {"level": 3.0, "skills": 10.0}  # the inverse of the penalty


def levels(
    learnt: Sequence[CourseText], known: Sequence[str], asked: Sequence[CourseText]
) -> list[str]:
    """Return a level for each course asked about; classes count alike."""
    words = _words(learnt)
    model = LogisticRegression(C=STRENGTH["level"], class_weight="balanced", max_iter=300)
    model.fit(words.transform(_texts(learnt)), np.array(known))
    return [str(level) for level in model.predict(words.transform(_texts(asked)))]


def skills(
    learnt: Sequence[CourseText], known: Sequence[Sequence[str]], asked: Sequence[CourseText]
) -> list[set[str]]:
    """Return skills for each course asked about, one regression a skill.

    The likelihood from which a skill is said is the best of FOLDS folds of what was learnt from.
    """
    names = sorted({skill for own in known for skill in own})
    taught = np.array([[name in own for name in names] for own in map(set, known)])
    often = np.flatnonzero(taught.sum(axis=0) >= LEAST_COURSES)
    words = _words(learnt)
    seen = words.transform(_texts(learnt))
    fold = np.random.default_rng(0).permutation(len(learnt)) % FOLDS
    judged = np.zeros((len(learnt), len(often)))
    for part in range(FOLDS):
        own = fold == part
        judged[own] = _each(seen[~own], taught[~own][:, often], seen[own])
    order = np.argsort(-judged, axis=None)
    hits = np.cumsum(taught[:, often].ravel()[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + taught.sum())
    least = judged.ravel()[order][int(f1.argmax())]
    found = _each(seen, taught[:, often], words.transform(_texts(asked)))
    return [{names[often[place]] for place in np.flatnonzero(row >= least)} for row in found]


def _each(seen: object, taught: NDArray[np.bool_], asked: Floats) -> Floats:
    found = np.zeros((asked.shape[0], taught.shape[1]))
    for column in np.flatnonzero(taught.any(axis=0)):
        model = LogisticRegression(C=STRENGTH["skills"], solver="liblinear")
        found[:, column] = model.fit(seen, taught[:, column]).predict_proba(asked)[:, 1]
    return found


def _words(courses: Sequence[CourseText]) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, min_df=2).fit(_texts(courses))


def _texts(courses: Sequence[CourseText]) -> list[str]:
    return [f"{course.title} . {course.text}" for course in courses]
