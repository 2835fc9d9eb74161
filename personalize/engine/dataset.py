"""Which choices may a model learn from? (L3) Rows of signals in, indices for algorithms out.

What is left out, or counts for less, stands in `rules/`, one file a rule, each counted. Staff,
tests, mandatory courses and learners with personalization off never reach this layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions
from personalize.engine import contents
from personalize.engine.rules import crowded, seen, steered, unlisted
from personalize.engine.rules.base import NO_SPANS, NOTHING_SHOWN, Given, Shown, Spans
from personalize.engine.rules.registry import Counts, govern
from signals import api, catalogue
from signals.data import CourseInfo, TrainingRows

DAY_S = 86_400.0

MIN_LEARNERS = 30  # who chose more than once: order and neighbours come from them
MIN_COURSES = 5
MIN_PAIRS = 150
MAX_UNKNOWN_SHARE = 0.2

UNLISTED, STEERED, CROWDED = unlisted.RULE.key, steered.RULE.key, crowded.RULE.key


@dataclass(frozen=True, slots=True)
class Dataset:
    """What models are fitted on; course index i is course_ids[i], ascending."""

    interactions: Interactions
    course_ids: NDArray[np.int32]
    learner_ids: NDArray[np.int64]
    courses: Mapping[int, CourseInfo]
    excluded: dict[str, int]  # rule -> rows left out
    governed: Counts = field(default_factory=dict)  # rule -> what it did


def _numbered(sorted_ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the distinct ids and the place of each row's; np.unique would sort them all."""
    new = np.ones(len(sorted_ids), bool)
    np.not_equal(sorted_ids[1:], sorted_ids[:-1], out=new[1:])
    return sorted_ids[new], (np.cumsum(new, dtype=np.int32) - np.int32(1)).astype(np.int32)


def build(
    rows: TrainingRows,
    *,
    courses: Mapping[int, CourseInfo],
    steered: Spans = NO_SPANS,
    shown: Shown = NOTHING_SHOWN,
) -> Dataset:
    """Let the rules have their say and number learners and courses from 0."""
    listed = np.fromiter(courses, np.int32, len(courses))
    rows, governed = govern(Given(rows, listed, steered, shown))
    excluded = {rule: int(counts["left_out"]) for rule, counts in governed.items()}
    learner_ids, learners = _numbered(rows.learner_ids)
    course_ids, indices = np.unique(rows.course_ids, return_inverse=True)
    interactions = Interactions(
        learners=learners,
        courses=indices.astype(np.int32),
        times=rows.times,
        weights=rows.weights,
        n_learners=len(learner_ids),
        n_courses=len(course_ids),
        about=contents.about(courses.get(course_id) for course_id in course_ids.tolist()),
    )
    return Dataset(interactions, course_ids, learner_ids, courses, excluded, governed)


def read(*, now: datetime) -> Dataset:
    """Read everything that may be learned from up to `now`."""
    rows = api.training_rows(until=now)
    data = build(
        rows,
        courses=catalogue.courses(),
        steered=seen.steered(now=now),
        shown=seen.shown(now=now),
    )
    kept_back = {
        reason: {"rows": float(count), "left_out": float(count), "weight": float(count)}
        for reason, count in rows.kept_back.items()
    }
    return replace(data, governed=kept_back | data.governed)


def left_since(data: Dataset) -> NDArray[np.int64]:
    """Return who is in the data and was erased, or objected, after it was read."""
    found = api.storing(data.learner_ids.tolist())
    allowing = np.array([one for one, may in found.items() if may.personalization], np.int64)
    return data.learner_ids[~np.isin(data.learner_ids, allowing)]


def without(data: Dataset, learner_ids: NDArray[np.int64]) -> Dataset:
    """Return the data as if these learners had never chosen anything."""
    rows = data.interactions
    keep = ~np.isin(data.learner_ids[rows.learners], learner_ids)
    kept, learners = np.unique(data.learner_ids[rows.learners[keep]], return_inverse=True)
    interactions = replace(
        rows,
        learners=learners.astype(np.int32),
        courses=rows.courses[keep],
        times=rows.times[keep],
        weights=rows.weights[keep],
        n_learners=len(kept),
    )
    return replace(data, interactions=interactions, learner_ids=kept)


def problem_with(dataset: Dataset) -> str:
    """Say why nothing should be trained on this, and what to do; empty when it will do."""
    data = dataset.interactions
    pairs = len(data.courses)
    unlisted = dataset.excluded.get(UNLISTED, 0)
    total = pairs + sum(dataset.excluded.values())
    if unlisted > MAX_UNKNOWN_SHARE * total:
        return (
            f"{unlisted:,} of {total:,} choices name courses the catalogue does not list (at most "
            f"{MAX_UNKNOWN_SHARE:.0%} may). Import the catalogue the learners' platform uses now, "
            "then run retrain again."
        )
    again = int(np.count_nonzero(data.lengths() > 1))
    if again < MIN_LEARNERS or data.n_courses < MIN_COURSES or pairs < MIN_PAIRS:
        return (
            f"There are {pairs:,} choices in {data.n_courses:,} courses, and {again:,} learners "
            f"chose more than one; a model needs {MIN_PAIRS:,} in {MIN_COURSES:,} of "
            f"{MIN_LEARNERS:,}. Until then lists come from stated goals and popular courses. Send "
            "or import more history; the next nightly run tries again."
        )
    return ""
