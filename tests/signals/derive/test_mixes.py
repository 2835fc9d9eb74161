"""What arrives is counted by what it is made of: when it came, once, and of real learners only."""

from datetime import timedelta

import pytest

from signals import api
from signals.data import MIX_STEP_S, Mix, NewEvent
from signals.derive import mixes
from signals.derive.mixes import KEPT_DAYS
from signals.models import Learner, MixStep
from tests.factories import moment, new_course, new_learner
from tests.rollups import roll_up_to_here
from tests.signals.derive.happened import answering, store

pytestmark = pytest.mark.django_db(transaction=True)

Parts = dict[tuple[Mix, str], int]


def counted() -> Parts:
    """Return how much of each part arrived, in all steps together."""
    found = api.arrived(since=moment(days=60), until=moment(days=-1))
    return {(each.mix, each.part): int(each.counts.sum()) for each in found}


def viewed(learner_id: int, course_id: int, *, minutes_ago: float = 10) -> NewEvent:
    """Return a look at a course."""
    return NewEvent("course.viewed", learner_id, moment(minutes=minutes_ago), course_id=course_id)


def test_each_event_counts_once_in_each_mix_it_has_a_part_of() -> None:
    course = new_course("py", field="Data")
    told, silent = new_learner(), new_learner()
    api.set_groups(told, {"device": "phone", "language": "fr"}, now=moment())
    at = moment(minutes=10)
    shown = NewEvent("rec.shown", told, at, context=answering(told, at, surface=2))
    store([viewed(told, course.course_id), viewed(silent, course.course_id), shown], now=moment())
    roll_up_to_here(now=moment())
    roll_up_to_here(now=moment())
    assert counted() == {
        (Mix.KIND, "course.viewed"): 2,
        (Mix.KIND, "rec.shown"): 1,
        (Mix.SURFACE, "2"): 1,
        (Mix.LANGUAGE, "fr"): 2,
        (Mix.LANGUAGE, "unknown"): 1,
        (Mix.DEVICE, "phone"): 2,
        (Mix.DEVICE, "unknown"): 1,
        (Mix.FIELD, "Data"): 2,
    }


def test_an_event_counts_when_it_arrived_and_a_history_that_is_sent_not_at_all() -> None:
    course = new_course("py", field="Data")
    learner_id, now = new_learner(), moment()
    away, history = 20 * 60.0, 25 * 60.0
    events = [viewed(learner_id, course.course_id, minutes_ago=ago) for ago in (away, history)]
    store(events, now=now)
    roll_up_to_here(now=now)
    (field,) = (
        one
        for one in api.arrived(since=moment(days=2), until=moment(days=-1))
        if one.mix is Mix.FIELD
    )
    assert field.counts.tolist() == [1]
    assert field.steps.tolist() == [int(now.timestamp()) // MIX_STEP_S]


def test_staff_and_tests_do_not_count() -> None:
    course = new_course("py", field="Data")
    for kind in (Learner.Kind.STAFF, Learner.Kind.TEST):
        store([viewed(new_learner(kind=kind), course.course_id)], now=moment())
    roll_up_to_here(now=moment())
    assert counted() == {}


def test_steps_nothing_is_compared_with_any_more_go() -> None:
    new_course("py", field="Data")
    store([viewed(new_learner(), new_course("sql").course_id)], now=moment())
    roll_up_to_here(now=moment())
    assert mixes.purge(now=moment()) == 0
    assert mixes.purge(now=moment() + timedelta(days=KEPT_DAYS, hours=1)) == 4
    assert not MixStep.objects.exists()
