"""What learners did in courses, and when, as plain functions."""

from collections.abc import Sequence
from datetime import datetime

from signals import catalogue
from signals.data import CourseInfo
from signals.models import LearnerCourse, LearnerModule


def enrols(learner_id: int, course: CourseInfo, *, at: datetime) -> None:
    """Let a learner have enrolled, and done nothing since."""
    LearnerCourse.objects.create(
        learner_id=learner_id, course_id=course.course_id, enrolled_at=at, last_at=at
    )


def finishes(
    learner_id: int,
    course: CourseInfo,
    *,
    modules: Sequence[int],
    at: datetime,
    score: float | None = None,
) -> None:
    """Let a learner have finished modules of a course, by their numbers from 0."""
    known = catalogue.modules(course.course_id)
    LearnerModule.objects.bulk_create(
        LearnerModule(
            learner_id=learner_id,
            module_id=known[number].module_id,
            course_id=course.course_id,
            started_at=at,
            completed_at=at,
            progress=1.0,
            score=score,
            last_at=at,
        )
        for number in modules
    )
    LearnerCourse.objects.filter(learner_id=learner_id, course_id=course.course_id).update(
        started_at=at, last_at=at
    )
