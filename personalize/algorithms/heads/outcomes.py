"""What came of a list shown or of an enrolment, as far as it is known by then? (L3, pure)

A course is opened within a week or it is not. Progress is a course completed within a month with
half of its quizzes' points: a completion alone does not say that anything was learned. It takes
up to a month, so that most of the newest enrolments are neither: those count as the share of
enrolments which, still open after as many days, came to progress in the end (the Kaplan-Meier
estimate with leaving, and completing without passing, as the other end).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.heads.courses import Floats
from personalize.algorithms.heads.facts import Days, Facts, Kind
from personalize.algorithms.heads.passing import passed

ENGAGE_DAYS = 7.0
COMPLETE_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Shown:
    """Lists that were shown, by learner, then time; courses is (m, k), -1 where a list was short.

    goal_fields is the field of the goal each learner had stated then, -1 for none.
    """

    learners: NDArray[np.int64]
    moments: Days
    courses: NDArray[np.int32]
    goal_fields: NDArray[np.int32]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> "Shown":
        """Return some lists."""
        return Shown(
            self.learners[rows], self.moments[rows], self.courses[rows], self.goal_fields[rows]
        )


def opened(own: Facts, moment: float, courses: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Say which of these courses the learner opened or enrolled in within a week after a moment."""
    within = slice(*np.searchsorted(own.times, [moment, moment + ENGAGE_DAYS], side="right"))
    kinds = own.kinds[within]
    choosing = (kinds == Kind.VIEWED) | (kinds == Kind.ENROLLED)
    return np.isin(courses, own.courses[within][choosing])


def enrolments(facts: Facts) -> Shown:
    """Return every first enrolment as a list of its one course."""
    rows = facts.take(facts.kinds == Kind.ENROLLED)
    pairs = rows.learners * (int(rows.courses.max(initial=0)) + 1) + rows.courses
    _found, first = np.unique(pairs, return_index=True)
    first.sort()
    return Shown(
        rows.learners[first],
        rows.times[first],
        rows.courses[first].reshape(-1, 1),
        np.full(len(first), -1, np.int32),
    )


def completed(facts: Facts, begun: Shown, *, until: float) -> Floats:
    """Return for each enrolment 1 completed in time and passed, 0 not, or the share of its like."""
    ended = _days_until(facts, begun, Kind.COMPLETED)
    ends = begun.moments + np.where(np.isfinite(ended), ended, 0.0)
    good = passed(facts, begun.learners, begun.courses[:, 0], until=ends)
    done = np.where(good, ended, np.inf)
    left = np.minimum(_days_until(facts, begun, Kind.LEFT), np.where(good, np.inf, ended))
    left = np.where(left < done, left, np.inf)
    watched = np.minimum(until - begun.moments, COMPLETE_DAYS)
    is_done, is_left = done <= watched, left <= watched
    open_ = ~is_done & ~is_left & (watched < COMPLETE_DAYS)
    found = is_done.astype(np.float64)
    found[open_] = _still(done, left, watched)[open_]
    return found


def _still(done: Days, left: Days, watched: Days) -> Floats:
    """Return for each row the share completed in the end of those still open after as long."""
    ended = np.minimum(np.minimum(done, left), watched)
    days = np.arange(0.0, COMPLETE_DAYS + 1.0)
    day = np.floor(ended).astype(int)
    at_risk = np.array([(ended >= start).sum() for start in days])
    finished = np.bincount(day[done <= watched], minlength=len(days))
    gone = np.bincount(day[left <= watched], minlength=len(days))
    finishing = finished / np.maximum(at_risk, 1)
    leaving = gone / np.maximum(at_risk, 1)
    share = np.zeros(len(days) + 1)
    for start in range(len(days) - 1, -1, -1):
        stays = max(1.0 - finishing[start] - leaving[start], 0.0)
        share[start] = finishing[start] + stays * share[start + 1]
    found: Floats = share[np.ceil(np.clip(watched, 0.0, COMPLETE_DAYS)).astype(int)]
    return found


def _days_until(facts: Facts, begun: Shown, kind: Kind) -> Days:
    """Return the days from each enrolment to the first such fact after it; inf for never."""
    rows = facts.take(facts.kinds == kind)
    days = np.full(len(begun.moments), np.inf)
    if not len(rows.times) or not len(days):
        return days
    n = 1 + int(max(rows.courses.max(), begun.courses.max()))
    pairs, wanted = rows.learners * n + rows.courses, begun.learners * n + begun.courses[:, 0]
    # One sortable number a pair and moment, so that one search finds both.
    known = np.unique(np.concatenate([pairs, wanted]))
    first = min(float(rows.times.min()), float(begun.moments.min()))
    span = max(float(rows.times.max()), float(begun.moments.max())) - first + 1.0
    keys = np.searchsorted(known, pairs) * span + (rows.times - first)
    order = np.argsort(keys)
    asked = np.searchsorted(known, wanted) * span + (begun.moments - first)
    at = np.searchsorted(keys[order], asked, side="right")
    after = order[np.minimum(at, len(order) - 1)]
    found = (at < len(order)) & (pairs[after] == wanted)
    days[found] = (rows.times[after] - begun.moments)[found]
    return days
