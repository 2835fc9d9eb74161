"""Learners with a past to learn from, as plain functions."""

from datetime import timedelta

import numpy as np

from signals.data import CourseInfo
from signals.models import LearnerCourse
from tests.factories import moment, new_learner
from tests.personalize.shop import FIELDS, Shop

EACH = 5  # courses a learner takes


def taken(shop: Shop, learner: int, rng: np.random.Generator) -> list[CourseInfo]:
    """Return the courses of a learner, who keeps to one field and goes on from where they began."""
    own = shop.field(FIELDS[learner % len(FIELDS)])
    begin = int(rng.integers(len(own)))
    return [own[(begin + step) % len(own)] for step in range(EACH)]


def give_past(shop: Shop, *, learners: int, days_ago: float = 30, seed: int = 7) -> list[int]:
    """Make learners who enrolled in one course after the other; return their learner_ids."""
    rng = np.random.default_rng(seed)
    rows: list[LearnerCourse] = []
    made = []
    for learner in range(learners):
        learner_id = new_learner()
        begun = moment(days=days_ago) + timedelta(hours=float(rng.uniform(0, 24)))
        made.append(learner_id)
        for step, course in enumerate(taken(shop, learner, rng)):
            at = begun + timedelta(days=2 * step)
            rows.append(
                LearnerCourse(
                    learner_id=learner_id, course_id=course.course_id, enrolled_at=at, last_at=at
                )
            )
    LearnerCourse.objects.bulk_create(rows)
    return made
