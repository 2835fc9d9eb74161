"""Do models get what learners did in courses, each with its time, and of nobody who objects?"""

import numpy as np
import pytest

from personalize.algorithms.heads.facts import Facts, state_before
from signals import api
from signals.data import NewEvent, Step
from tests.factories import ada, ben, moment, new_course, new_learner

pytestmark = pytest.mark.django_db


def did(learner_id: int, kind: str, course_id: int, hours: float, **fields: object) -> None:
    """Record an event of some hours ago."""
    event = NewEvent(kind, learner_id, moment(hours=hours), course_id=course_id, **fields)  # type: ignore[arg-type]
    assert api.record([event], now=moment()).accepted == 1


def test_each_choice_stands_with_its_own_moment_and_later_ones_are_not_told() -> None:
    learner_id = ada().learner_id
    course = new_course("c1").course_id
    did(learner_id, "course.viewed", course, 50)
    did(learner_id, "course.viewed", course, 49)
    did(learner_id, "course.enrolled", course, 48)
    did(learner_id, "course.completed", course, 1)
    found = api.steps([learner_id], until=moment(hours=2))
    order = np.argsort(found.times)
    assert found.steps[order].tolist() == [Step.VIEWED, Step.VIEWED, Step.ENROLLED]
    assert np.diff(found.times[order]) == pytest.approx([1 / 24, 1 / 24], abs=1e-4)


def test_nothing_is_told_of_who_objects_or_of_a_course_that_was_assigned() -> None:
    course, assigned = new_course("c1").course_id, new_course("c2").course_id
    objecting, willing = ben().learner_id, new_learner()
    did(objecting, "course.enrolled", course, 5)
    did(willing, "course.enrolled", assigned, 5, context={"mandatory": True})
    did(willing, "course.enrolled", course, 4)
    found = api.steps([objecting, willing], until=moment())
    assert list(zip(found.learner_ids, found.course_ids, strict=True)) == [(willing, course)]


def test_a_quiz_stands_with_its_moment_and_the_share_of_its_points() -> None:
    learner_id = ada().learner_id
    course = new_course("c1", modules=["m1"]).course_id
    did(learner_id, "course.enrolled", course, 9)
    did(learner_id, "quiz.scored", course, 8, module_id=None, value=0.25)
    did(learner_id, "quiz.scored", course, 7, module_id=None, value=0.75)
    found = api.steps([learner_id], until=moment())
    order = np.argsort(found.times)
    assert found.steps[order].tolist() == [Step.ENROLLED, Step.SCORED, Step.SCORED]
    assert found.shares[order] == pytest.approx([np.nan, 0.25, 0.75], nan_ok=True)


def test_the_state_made_of_steps_is_the_one_the_decision_reads() -> None:
    learner_id = ada().learner_id
    courses = [new_course(f"c{n}", modules=[f"m{n}"]).course_id for n in range(4)]
    did(learner_id, "course.viewed", courses[0], 90)
    did(learner_id, "course.enrolled", courses[1], 80)
    did(learner_id, "course.completed", courses[1], 10)
    did(learner_id, "course.enrolled", courses[2], 70)
    did(learner_id, "course.unenrolled", courses[2], 60)
    did(learner_id, "course.enrolled", courses[3], 50)
    steps = api.steps([learner_id], until=moment())
    facts = Facts.of(steps.learner_ids, steps.course_ids, steps.steps, steps.times)
    made = state_before(facts, moment().timestamp() / 86_400)
    read = api.learner_state(learner_id, now=moment())
    assert read is not None
    assert made.courses.tolist() == read.course_ids.tolist()
    assert made.touches.tolist() == read.touches.tolist()
    assert made.last_at * 86_400 == pytest.approx(read.last_at, abs=2)
