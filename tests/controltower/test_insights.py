"""Course insights: equal to a count by hand, nothing under ten, and counted by the clock alone."""

from datetime import timedelta

import pytest
from django.test import Client

from personalize import api as personalize
from personalize.experience.desk.insights import derive_insights
from signals import catalogue
from signals.data import NewEvent
from tests.factories import cleo, moment, new_course, new_learner
from tests.signals.derive.happened import store

pytestmark = pytest.mark.django_db


def test_drop_off_and_reach_equal_a_count_by_hand_and_nine_are_not_told(client: Client) -> None:
    course = new_course("c1", title="Numbers", modules=("m1", "m2", "m3"))
    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    learners = [new_learner() for _ in range(30)]
    at = moment() - timedelta(days=2)

    def event(kind: str, learner: int, module: int | None = None) -> NewEvent:
        return NewEvent(kind, learner, at, course_id=course.course_id, module_id=module)

    store(
        [event("course.viewed", one) for one in learners]
        + [event("course.enrolled", one) for one in learners]
        + [event("lesson.started", one, modules[0]) for one in learners]
        + [event("lesson.completed", one, modules[0]) for one in learners[:25]]
        + [event("lesson.completed", one, modules[1]) for one in learners[:10]]
        + [event("lesson.completed", one, modules[2]) for one in learners[:9]],
        now=moment(),
    )
    assert personalize.course_insight(course.course_id, now=moment()) is None
    derive_insights(now=moment())
    found = personalize.course_insight(course.course_id, now=moment())
    assert found is not None
    assert (found.reach.enrolled, found.reach.opened, found.reach.completed) == (30, 30, None)
    assert [module.finished for module in found.modules] == [25, 10, None]
    assert [module.share for module in found.modules] == [pytest.approx(25 / 30), 1 / 3, None]
    assert found.worst is not None
    assert found.worst.lost == pytest.approx(0.6)
    assert found.shown is None
    client.force_login(cleo().account)
    text = client.get(f"/create/courses/{course.slug}/").content.decode()
    assert "Most leave before the end of" in text
    assert "under 10" in text
    assert "Numbers" in client.get("/create/courses/?q=numb").content.decode()
    assert "Numbers" not in client.get("/create/courses/?q=zebra").content.decode()
