"""Which choices may a model learn from? (L3) Rows of signals in, indices for algorithms out.

Left out, and counted by reason: courses the catalogue does not list, what a learner chose soon
after a person at the controls had pinned or boosted it (a model that learns from its own rules
would confirm them), and all but the newest courses of accounts with hundreds. Staff, tests,
mandatory courses and learners with personalization off never reach this layer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions
from personalize.data import Change, Slot
from personalize.engine import contents
from personalize.models import Override
from personalize.models.decisions import SLOT_CODES
from signals import api, catalogue
from signals.data import CourseInfo, TrainingRows

NEWEST_PER_LEARNER = 300  # courses; accounts with more are shared or robots
STEERED_DAYS = 7.0  # a choice this soon after a pin or boost was shown counts as its effect
DECISIONS_KEPT_DAYS = 180  # how far back the decision log names learners
DAY_S = 86_400.0

MIN_LEARNERS = 30  # who chose more than once: order and neighbours come from them
MIN_COURSES = 5
MIN_PAIRS = 150
MAX_UNKNOWN_SHARE = 0.2

UNLISTED, STEERED, CROWDED = "unlisted_course", "pinned_or_boosted", "beyond_newest"


Exclusion = Callable[[TrainingRows], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Steered:
    """Courses shown to learners because a person had pinned or boosted them. Parallel arrays.

    first and last are days since the epoch.
    """

    learner_ids: NDArray[np.int64]
    course_ids: NDArray[np.int32]
    first: NDArray[np.float64]
    last: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dataset:
    """What models are fitted on; course index i is course_ids[i], ascending."""

    interactions: Interactions
    course_ids: NDArray[np.int32]
    learner_ids: NDArray[np.int64]
    courses: Mapping[int, CourseInfo]
    excluded: dict[str, int]  # reason -> rows left out


NO_STEERED = Steered(
    learner_ids=np.zeros(0, np.int64),
    course_ids=np.zeros(0, np.int32),
    first=np.zeros(0),
    last=np.zeros(0),
)


def _codes(
    learner_ids: NDArray[np.int64], course_ids: NDArray[np.int32], among: NDArray[np.int64]
) -> NDArray[np.int64]:
    """One number a pair; -1 for a learner who is not `among` (ascending)."""
    at = np.minimum(np.searchsorted(among, learner_ids), len(among) - 1)
    codes = at.astype(np.int64) * (1 << 32) + course_ids
    return np.where(among[at] == learner_ids, codes, -1)


def _was_steered(rows: TrainingRows, steered: Steered) -> NDArray[np.bool_]:
    """Which rows follow a pinned or boosted showing of that course to that learner."""
    if not len(rows.learner_ids) or not len(steered.learner_ids):
        return np.zeros(len(rows.learner_ids), bool)
    among = np.unique(rows.learner_ids)
    shown = _codes(steered.learner_ids, steered.course_ids, among)
    order = np.argsort(shown)
    wanted = _codes(rows.learner_ids, rows.course_ids, among)
    at = order[np.minimum(np.searchsorted(shown, wanted, sorter=order), len(order) - 1)]
    after = rows.times >= steered.first[at]
    soon = rows.times <= steered.last[at] + STEERED_DAYS
    found: NDArray[np.bool_] = (shown[at] == wanted) & after & soon
    return found


def _is_crowded(learner_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows lie before the newest NEWEST_PER_LEARNER of their learner."""
    if len(learner_ids) <= NEWEST_PER_LEARNER:
        return np.zeros(len(learner_ids), bool)
    later = learner_ids[NEWEST_PER_LEARNER:] == learner_ids[:-NEWEST_PER_LEARNER]
    return np.concatenate([later, np.zeros(NEWEST_PER_LEARNER, bool)])


def _kept(rows: TrainingRows, keep: NDArray[np.bool_]) -> TrainingRows:
    return TrainingRows(
        learner_ids=rows.learner_ids[keep],
        course_ids=rows.course_ids[keep],
        times=rows.times[keep],
        weights=rows.weights[keep],
    )


def _numbered(sorted_ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the distinct ids and the place of each row's; np.unique would sort them all."""
    new = np.ones(len(sorted_ids), bool)
    np.not_equal(sorted_ids[1:], sorted_ids[:-1], out=new[1:])
    return sorted_ids[new], (np.cumsum(new, dtype=np.int32) - np.int32(1)).astype(np.int32)


def build(rows: TrainingRows, *, courses: Mapping[int, CourseInfo], steered: Steered) -> Dataset:
    """Leave out what must not be learned from and number learners and courses from 0."""
    excluded: dict[str, int] = {}
    listed = np.fromiter(courses, np.int32, len(courses))
    exclusions: tuple[tuple[str, Exclusion], ...] = (
        (UNLISTED, lambda rows: ~np.isin(rows.course_ids, listed)),
        (STEERED, lambda rows: _was_steered(rows, steered)),
        (CROWDED, lambda rows: _is_crowded(rows.learner_ids)),
    )
    for reason, is_out in exclusions:
        out = is_out(rows)
        excluded[reason] = int(out.sum())
        rows = _kept(rows, ~out) if excluded[reason] else rows
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
    return Dataset(interactions, course_ids, learner_ids, courses, excluded)


def steered_since(*, now: datetime) -> Steered:
    """Read what was shown because of a pin or boost; nothing is read when none was ever made."""
    oldest = now - timedelta(days=DECISIONS_KEPT_DAYS)
    first = (
        Override.objects.filter(change__in=[Change.PIN, Change.BOOST], ends_at__gte=oldest)
        .order_by("starts_at")
        .first()
    )
    if first is None:
        return NO_STEERED
    codes = [SLOT_CODES[Slot.PINNED], SLOT_CODES[Slot.BOOSTED]]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT learner_id, shown.course_id,
                   extract(epoch FROM min(served_at))::float8,
                   extract(epoch FROM max(served_at))::float8
            FROM personalize_decision, unnest(course_ids, slots) AS shown (course_id, slot)
            WHERE served_at >= %s AND learner_id IS NOT NULL
              AND slots && %s::smallint[] AND shown.slot = ANY(%s::smallint[])
            GROUP BY learner_id, shown.course_id
            """,
            [max(oldest, first.starts_at), codes, codes],
        )
        found = cursor.fetchall()
    return Steered(
        learner_ids=np.array([row[0] for row in found], np.int64),
        course_ids=np.array([row[1] for row in found], np.int32),
        first=np.array([row[2] for row in found]) / DAY_S,
        last=np.array([row[3] for row in found]) / DAY_S,
    )


def read(*, now: datetime) -> Dataset:
    """Read everything that may be learned from up to `now`."""
    return build(
        api.training_rows(until=now),
        courses=catalogue.courses(),
        steered=steered_since(now=now),
    )


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
