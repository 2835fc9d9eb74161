"""What was paid, by where it came from: a recount, of closed days, in one currency."""

from datetime import UTC, datetime, time, timedelta

import pytest

from signals import aggregates
from signals.data import NewEvent, RevenuePart
from signals.derive.revenue import count_revenue
from tests.factories import moment, new_course, new_learner
from tests.signals.derive.happened import answering, store

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime.combine(moment().astimezone(UTC).date(), time(), tzinfo=UTC)
AT = MIDNIGHT - timedelta(days=3)


def paid(who: int, value: float, *, course: int | None = None, at: datetime = AT) -> NewEvent:
    return NewEvent("order.paid", who, at, course_id=course, value=value)


def clicked(who: int, course: int, *, days_before: float, listed: bool = True) -> NewEvent:
    at = AT - timedelta(days=days_before)
    context = answering(who, at) if listed else None
    return NewEvent("rec.clicked", who, at, course_id=course, context=context)


def test_parts_are_a_recount_and_say_what_came_from_a_list() -> None:
    first, second = (new_course(key).course_id for key in "ab")
    people = [new_learner() for _ in range(12)]
    robot = new_learner(kind="bot")
    events = [
        event
        for who in people
        for event in (
            clicked(who, first, days_before=6),
            paid(who, 10, course=first),
            clicked(who, second, days_before=8),  # too long before
            paid(who, 5, course=second),
            paid(who, 2),
            NewEvent("subscription.started", who, AT, value=7, context={"currency": "XXX"}),
        )
    ]
    events += [
        paid(robot, 1000),
        paid(people[0], 1000, at=MIDNIGHT + timedelta(minutes=1)),  # today is not closed
        paid(people[0], 500, at=AT - timedelta(days=30)),  # of one learner: not shown
        NewEvent("subscription.ended", people[0], AT, value=7),
    ]
    store(events, now=moment())

    count_revenue(now=moment())

    report = aggregates.revenue()
    assert report is not None
    assert report.until == MIDNIGHT.date()
    assert {part: (one.total, one.payments) for part, one in report.now.items()} == {
        RevenuePart.LIST: (120.0, 10),
        RevenuePart.COURSE: (60.0, 10),
        RevenuePart.OTHER: (24.0, 10),
    }
    assert report.before == {}


def test_counting_twice_changes_nothing_and_before_it_there_is_no_report() -> None:
    assert aggregates.revenue() is None
    store([paid(new_learner(), 10) for _ in range(10)], now=moment())
    count_revenue(now=moment())
    first = aggregates.revenue()
    count_revenue(now=moment())
    assert aggregates.revenue() == first
