"""The baseline of a plan: what those did who saw a surface in the days before, and nobody else."""

from datetime import timedelta

import pytest

from signals import api, catalogue
from signals.data import Asked, NewEvent
from tests.factories import moment, new_course, new_learner
from tests.signals.derive.happened import SURFACES, answering, store

pytestmark = pytest.mark.django_db

HOME, BESIDE = SURFACES
MODULES = Asked("modules_completed", 14)


def saw(*, days_ago: float, kind: str = "real", finishes: bool = True) -> None:
    """Show a list of home so many days ago to somebody new, who then finishes a lesson or not."""
    learner, at = new_learner(kind=kind), moment(days=days_ago)
    course = new_course(f"course-{learner}", modules=["a"])
    module = catalogue.modules(course.course_id)[0].module_id
    events = [NewEvent("rec.shown", learner, at, context=answering(learner, at))]
    if finishes:
        then = at + timedelta(hours=1)
        events.append(NewEvent("lesson.completed", learner, then, course.course_id, module))
    store(events, now=moment())


def usual(*, surface: int = HOME, days: int = 28) -> tuple[int, float]:
    found = api.usual_moments(MODULES, surfaces=[surface], days=days, as_of=moment())
    return (found.n, found.total) if found else (0, 0.0)


def test_whoever_saw_a_list_counts_with_what_they_did_after() -> None:
    saw(days_ago=20)
    saw(days_ago=21, finishes=False)
    assert usual() == (2, 1.0)


def test_whose_window_is_open_and_who_came_before_the_days_do_not_count() -> None:
    saw(days_ago=13)
    saw(days_ago=29)
    assert usual() == (0, 0.0)
    assert usual(days=30) == (1, 1.0)


def test_test_accounts_and_learners_of_other_surfaces_do_not_count() -> None:
    saw(days_ago=20, kind="test")
    assert usual() == (0, 0.0)
    saw(days_ago=20)
    assert usual(surface=BESIDE) == (0, 0.0)
    assert usual() == (1, 1.0)
