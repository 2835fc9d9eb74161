"""Which of their own courses shall not count for a learner's picks? (L4) From the next answer on.

The course itself stays where it is, with its progress and its results; lists and what is expected
of picks are made as if it had never been touched.
"""

from datetime import datetime

from django.db import transaction

from personalize.decision.feedback import forget_lists
from personalize.models import UnusedCourse
from signals import api as signals


def take_out(learner_id: int, course_id: int, *, now: datetime) -> None:
    """Let a course count no more; raise ErasedLearnerError for who is gone."""
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        UnusedCourse.objects.get_or_create(
            learner_id=learner_id, course_id=course_id, defaults={"at": now}
        )
    forget_lists(learner_id)


def take_back(learner_id: int, course_id: int) -> None:
    """Let a course count again."""
    UnusedCourse.objects.filter(learner_id=learner_id, course_id=course_id).delete()
    forget_lists(learner_id)


def of(learner_id: int) -> frozenset[int]:
    """Return the courses that do not count."""
    rows = UnusedCourse.objects.filter(learner_id=learner_id)
    return frozenset(rows.values_list("course_id", flat=True))
