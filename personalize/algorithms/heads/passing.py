"""Was what a course teaches learned, as far as its quizzes tell? (L3, pure)

A course that sends no quizzes is passed by completing it.
"""

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.heads.facts import Days, Facts, Kind

PASSED = 0.5  # of the points of a course's quizzes, on average
LATE_DAYS = 1 / 24  # a platform may send the last quiz just after the completion it led to


def passed(
    facts: Facts,
    learners: NDArray[np.int64],
    courses: NDArray[np.int32],
    *,
    until: Days,
) -> NDArray[np.bool_]:
    """Say of pairs of learner and course whether the quizzes up to a moment came to half.

    The three arrays are parallel; a quiz at the moment or just after it counts, as the last one of
    a course ends it.
    """
    scored = facts.take(facts.kinds == Kind.SCORED)
    if not len(scored.times) or not len(learners):
        return np.ones(len(learners), dtype=bool)
    n = 1 + int(max(scored.courses.max(), courses.max()))
    pairs = scored.learners * n + scored.courses
    order = np.lexsort((scored.times, pairs))
    pairs, times = pairs[order], scored.times[order]
    total = np.concatenate([[0.0], np.cumsum(scored.shares[order])])
    wanted = learners * n + courses
    first = np.searchsorted(pairs, wanted)
    last = first + _within(pairs, times, wanted, until)
    many = last - first
    mean = (total[last] - total[first]) / np.maximum(many, 1)
    found: NDArray[np.bool_] = (many == 0) | (mean >= PASSED)
    return found


def _within(
    pairs: NDArray[np.int64], times: Days, wanted: NDArray[np.int64], until: Days
) -> NDArray[np.int64]:
    """Return how many rows of each wanted pair are not after its moment; rows sorted by both."""
    known = np.unique(np.concatenate([pairs, wanted]))
    asked_at = until + LATE_DAYS
    first = min(float(times.min()), float(asked_at.min()))
    span = max(float(times.max()), float(asked_at.max())) - first + 1.0
    keys = np.searchsorted(known, pairs) * span + (times - first)
    asked = np.searchsorted(known, wanted) * span + (asked_at - first)
    found: NDArray[np.int64] = np.searchsorted(keys, asked, side="right") - np.searchsorted(
        pairs, wanted
    )
    return found
