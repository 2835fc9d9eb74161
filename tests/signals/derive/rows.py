"""One row of every derived table about a learner, where a test is not about deriving them."""

from typing import Any

from signals.models import (
    DoubtfulCourse,
    FormatObservation,
    LearnerFeature,
    LearnerQuality,
    LearnerSession,
    Membership,
    PendingLearner,
    QualityFinding,
)
from tests.factories import moment


def one_of_each(learner_id: int, *, course_id: int = 1) -> None:
    """Store features, a format, a session, a verdict, a doubt, a finding, and work to be done."""
    at = moment(days=1)
    about: dict[str, Any] = {"learner_id": learner_id}
    LearnerFeature.objects.create(
        **about,
        events=1,
        first_at=at,
        last_at=at,
        active_days=1,
        sessions=1,
        session_minutes=0,
        courses_touched=1,
        courses_completed=0,
        lessons_completed=0,
        activity=1,
    )
    one_format(learner_id, "video")
    LearnerSession.objects.create(**about, began_at=at, ended_at=at, events=1, actions=1, courses=1)
    LearnerQuality.objects.create(**about, score=0.9, weight=1)
    DoubtfulCourse.objects.create(**about, course_id=course_id)
    QualityFinding.objects.create(
        **about, day=at.date(), source_id=1, rule=10, events=1, told="one opening"
    )
    Membership.objects.create(**about, kind="class", group="7b", since=at)
    PendingLearner.objects.get_or_create(**about, reader="quality")


def one_format(learner_id: int, name: str, *, completed: int = 0) -> None:
    """Store what was observed of a learner in one format."""
    FormatObservation.objects.create(
        learner_id=learner_id,
        format=name,
        started=max(completed, 1),
        completed=completed,
        rewinds=0,
        skips=0,
        watched_s=0,
        quizzes=0,
        quiz_total=0,
    )
