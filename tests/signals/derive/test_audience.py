"""How many learners of a surface are of which kind: those who saw its lists, and count."""

from datetime import timedelta

import pytest

from signals import api
from signals.data import SYSTEM, Audience, CourseInfo, NewEvent
from signals.models import Learner
from tests.factories import moment, new_course, new_learner
from tests.signals.derive.happened import answering, store

pytestmark = pytest.mark.django_db

HOME, SEARCH = 1, 2


def saw(
    surface: int, *begun: CourseInfo, days_ago: float = 1, band: str = "", kind: str = "real"
) -> int:
    """A learner who saw a list of a surface, and enrolled in these courses."""
    who, at = new_learner(), moment(days=days_ago)
    Learner.objects.filter(pk=who).update(age_band=band, kind=kind)
    shown = NewEvent("rec.shown", who, at, context=answering(who, at, surface=surface))
    began = [NewEvent("course.enrolled", who, at, course_id=one.course_id) for one in begun]
    store([shown, *began], now=at + timedelta(minutes=1))
    return who


def test_learners_who_are_alike_are_counted_together() -> None:
    py, sql = new_course("py"), new_course("sql")
    saw(HOME, py, sql, band="under18")
    saw(HOME, py, sql, band="under18")
    saw(HOME, py)
    saw(HOME, py, days_ago=40)
    saw(SEARCH, py)
    saw(HOME, py, kind="staff")
    api.set_age_band(saw(HOME, py), "under13", actor=SYSTEM, now=moment())
    found = api.audience([HOME], days=28, as_of=moment())
    assert found == [Audience("", 1, 1), Audience("under18", 2, 2)]
