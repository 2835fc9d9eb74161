"""What guides a learner on the first page: a tour by doing, what was done since, or a tip."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from experiments import api as experiments
from personalize.experience.guidance.since import since
from personalize.models import Guide
from signals.data import ModuleState, Purpose
from tests.factories import Person, cold, consents, moment, new_course
from tests.personalize.nudges.world import enrols, finishes
from tests.personalize.shop import curate, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer() -> Person:
    """Return somebody who has just come, to whom guidance is open, in a shop of two courses."""
    person = cold()
    first, second = (new_course(name, modules=["a", "b", "c"]) for name in ("first", "second"))
    curate(first, second)
    experiments.list_on_flag("surface-guidance-early", accounts=[person.account.pk])
    return person


@pytest.fixture
def page(newcomer: Person) -> Client:
    """Return their browser."""
    client = Client()
    client.force_login(newcomer.account)
    return client


def shown(page: Client) -> Any:
    return page.get("/home/").context["guidance"]


def ticked(page: Client) -> list[bool]:
    return [step.done for step in shown(page).steps]


def visited(*, days: float) -> None:
    """Let the last visit have been so long ago."""
    Guide.objects.update(visit_at=moment(days=days), seen_at=moment(days=days))


def test_a_newcomer_sees_three_steps_none_of_them_done(page: Client) -> None:
    answer = page.get("/home/")
    assert [step.done for step in answer.context["guidance"].steps] == [False, False, False]
    assert b"Your first five minutes" in answer.content


def test_steps_are_ticked_by_doing_them_and_then_the_tour_is_over(
    page: Client, newcomer: Person
) -> None:
    states(newcomer.learner_id, goal="Data")
    assert ticked(page) == [True, False, False]
    why = shown(page).steps[2].href
    assert page.get(why).status_code == 200
    assert ticked(page) == [True, False, True]
    assert page.get("/course/first/").status_code == 200
    assert ticked(page) == []


def test_the_tour_is_dismissed_for_good(page: Client) -> None:
    assert page.post("/guide/close/", {"what": "tour"}).status_code == 302
    assert ticked(page) == []


def test_who_knows_the_place_gets_no_tour(page: Client, newcomer: Person) -> None:
    course = new_course("known", modules=["a"])
    enrols(newcomer.learner_id, course, at=moment(days=9))
    for name in ("x", "y", "z"):
        enrols(newcomer.learner_id, new_course(name, modules=["a"]), at=moment(days=9))
    assert ticked(page) == []


def test_nobody_is_guided_where_it_is_not_open(page: Client) -> None:
    experiments.list_on_flag("surface-guidance-early", accounts=[])
    assert ticked(page) == []


def test_nothing_is_kept_of_who_does_not_allow_it(page: Client, newcomer: Person) -> None:
    consents(newcomer.learner_id, Purpose.PERSONALIZATION, granted=False)
    assert shown(page).steps == ()
    assert not Guide.objects.exists()


def test_the_next_visit_says_what_was_finished_since_the_last(
    page: Client, newcomer: Person
) -> None:
    page.post("/guide/close/", {"what": "tour"})
    page.get("/home/")
    visited(days=3)
    course = new_course("begun", modules=["a", "b", "c"])
    enrols(newcomer.learner_id, course, at=moment(days=3))
    finishes(newcomer.learner_id, course, modules=(0, 1), at=moment(days=2), score=0.8)
    told = shown(page).since
    assert told.done == "Since last time: 2 lessons finished, 2 quizzes, 80% on average."
    assert b"Next:" in page.get("/home/").content


def test_a_visit_after_which_nothing_was_finished_says_so(page: Client, newcomer: Person) -> None:
    page.post("/guide/close/", {"what": "tour"})
    page.get("/home/")
    visited(days=3)
    course = new_course("begun", modules=["a", "b", "c"])
    enrols(newcomer.learner_id, course, at=moment(days=12))
    finishes(newcomer.learner_id, course, modules=(0, 1), at=moment(days=10))
    told = shown(page).since
    assert told.done.endswith("no lesson was finished.")
    assert told.weeks == "Lessons in the last 7 days: 0. In the 7 days before: 2."


def test_a_tip_comes_on_a_later_visit_and_is_dismissed_for_good(page: Client) -> None:
    page.post("/guide/close/", {"what": "tour"})
    assert shown(page).tip is None
    visited(days=1)
    tip = shown(page).tip
    assert tip.key == "not_for_me"
    page.post("/guide/close/", {"what": tip.key})
    assert shown(page).tip.key != "not_for_me"


def test_only_what_is_there_can_be_dismissed(page: Client) -> None:
    assert page.post("/guide/close/", {"what": "everything"}).status_code == 400


def test_a_week_without_a_lesson_before_it_is_not_compared() -> None:
    now = moment()
    state = ModuleState(
        module_id=1,
        course_id=1,
        progress=1.0,
        completed_at=now - timedelta(days=2),
        score=None,
        last_at=now,
    )
    told = since([state], before=now - timedelta(days=3), now=now)
    assert (told.done, told.weeks) == ("Since last time: 1 lesson finished.", "")
