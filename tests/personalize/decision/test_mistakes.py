"""Are wrong picks counted as they were, and shown for ten learners and more only?"""

from datetime import datetime, timedelta

import numpy as np
import pytest

from personalize import api as personalize
from personalize.data import Mistaken
from personalize.decision import log
from personalize.models import Feedback
from signals import api
from signals.data import NewEvent
from tests.factories import moment, new_course, new_learner
from tests.personalize.engine.test_heads import listed

pytestmark = pytest.mark.django_db

SERVED = moment(days=3)


def did(learner_id: int, kind: str, course_id: int, at: datetime) -> None:
    """Record what a learner did."""
    event = NewEvent(kind, learner_id, at, course_id=course_id)
    assert api.record([event], now=moment()).accepted == 1


def shown(learner_id: int, *course_ids: int) -> None:
    """Log a list."""
    log.write(log.Entry(listed(learner_id, np.array(course_ids), SERVED), None))
    log.flush()


def says(learner_id: int, action: str, course_id: int, at: datetime) -> None:
    """Keep a word of a learner on a course."""
    Feedback.objects.create(learner_id=learner_id, course_id=course_id, action=action, at=at)


def counted() -> dict[tuple[str, str], Mistaken]:
    """Return the cells that may be shown."""
    cells = personalize.false_recommendations(since=moment(days=5), until=moment(days=1))
    return {(cell.cohort, cell.value): cell for cell in cells}


def test_each_reason_is_counted_once_for_what_it_was() -> None:
    first, second, third = (new_course(f"c{n}").course_id for n in range(3))
    builds = new_course("builds", prerequisites=[third]).course_id
    for _ in range(10):
        learner_id = new_learner()
        did(learner_id, "course.enrolled", second, SERVED - timedelta(days=2))
        shown(learner_id, first, second, third, builds)
        says(learner_id, "not_for_me", first, SERVED + timedelta(hours=1))
        did(learner_id, "course.viewed", third, SERVED + timedelta(minutes=1))
        did(learner_id, "course.viewed", first, SERVED + timedelta(minutes=1, seconds=20))
    everybody = counted()["all", "all"]
    assert (everybody.learners, everybody.picks, everybody.share) == (10, 40, 1.0)
    assert dict(everybody.by_reason) == {
        "not_for_me": 10,
        "snoozed": None,
        "left_at_once": 10,
        "prerequisite_missing": 10,
        "known_already": 10,
    }


def test_what_came_later_or_was_said_much_later_is_no_mistake_of_the_pick() -> None:
    first = new_course("c0").course_id
    for _ in range(10):
        learner_id = new_learner()
        shown(learner_id, first)
        did(learner_id, "course.enrolled", first, SERVED + timedelta(hours=1))
        says(learner_id, "not_for_me", first, SERVED + timedelta(days=8))
    assert counted()["all", "all"].share is None


def test_nine_learners_are_not_shown() -> None:
    first = new_course("c0").course_id
    for _ in range(9):
        shown(new_learner(), first)
    assert counted() == {}
