"""Rollups hold what the events say: each counted once, however and whenever it was committed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from signals import api, catalogue
from signals.data import NewEvent
from signals.derive.rollups import READER, roll_up
from signals.models import Event, Rollup, Watermark
from signals.request_ids import read_request_id
from tests.factories import moment, new_course, new_learner, some_uuid, wire_event
from tests.rollups import roll_up_to_here
from tests.signals.derive.happened import a_busy_fortnight, answering, store
from tests.signals.door import Door

pytestmark = pytest.mark.django_db(transaction=True)

Cell = tuple[datetime, int, int, int]
Sums = tuple[int, float, float]


def recount() -> dict[Cell, Sums]:
    """Return what the rollups should hold, from the stored events, in Python."""
    cells: dict[Cell, list[float]] = defaultdict(list)
    for event in Event.objects.all():
        minute = event.corrected_at.minute // 5 * 5
        step = event.corrected_at.replace(minute=minute, second=0, microsecond=0)
        surface, arm = 0, 0
        if event.request_id is not None:
            _, surface, arm = read_request_id(event.request_id)
        cells[step, event.kind, surface, int(arm)].append(event.value or 0.0)
    return {
        cell: (len(values), sum(values), sum(value**2 for value in values))
        for cell, values in cells.items()
    }


def rolled() -> dict[Cell, Sums]:
    """Return what the rollups hold."""
    return {
        (row.step_at, row.kind, row.surface, row.arm): (row.count, row.total, row.squares)
        for row in Rollup.objects.all()
    }


def fortnight(learners: int = 12) -> list[NewEvent]:
    """Return two weeks of random events of a new course."""
    course = new_course("py", modules=["a", "b"])
    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    people = [new_learner() for _ in range(learners)]
    return a_busy_fortnight(people, course, modules, end=moment())


@pytest.fixture
def elsewhere() -> Iterator[BaseDatabaseWrapper]:
    """Return another connection to the same database."""
    other = connection.copy()
    other.set_autocommit(False)
    yield other
    other.rollback()
    other.close()


def insert(other: BaseDatabaseWrapper, learner_id: int) -> None:
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO signals_event (occurred_at, corrected_at, received_at, source_id, id,"
            " learner_id, kind, flags) VALUES (now(), now(), now(), 1, %s, %s, 1, 0)",
            [some_uuid(), learner_id],
        )


def test_rollups_equal_a_recount_by_step_surface_and_arm() -> None:
    store(fortnight(), now=moment())
    touched = roll_up_to_here(now=moment())
    assert rolled() == recount()
    assert touched == len(rolled()) > 50
    assert sum(count for count, *_ in rolled().values()) == Event.objects.count()


def test_counting_bit_by_bit_and_in_any_order_gives_the_same() -> None:
    events = fortnight()
    for part in (events[2::3], events[0::3], events[1::3]):
        store(part, now=moment())
        roll_up_to_here(now=moment())
    assert rolled() == recount()


def test_a_step_is_of_corrected_time_where_the_senders_clock_is_off() -> None:
    new_course("py")
    noon = moment(days=1).replace(hour=12, minute=2, second=0)
    ahead = timedelta(hours=3)
    event = wire_event(course="py", occurred_at=(noon + ahead).isoformat())
    Door().send(event, sent_at=(moment() + ahead).isoformat())
    roll_up_to_here(now=moment())
    assert rolled() == recount()
    (row,) = Rollup.objects.all()
    assert row.step_at == noon - timedelta(minutes=2)


def test_counting_again_adds_nothing() -> None:
    store(fortnight(4), now=moment())
    roll_up_to_here(now=moment())
    before = rolled()
    assert roll_up_to_here(now=moment()) == 0
    assert rolled() == before


def test_an_event_sent_twice_is_counted_once() -> None:
    at, learner_id = moment(hours=1), new_learner()
    twice = NewEvent("rec.shown", learner_id, at, context=answering(learner_id, at), id=some_uuid())
    store([twice], now=moment())
    roll_up_to_here(now=moment())
    assert api.record([twice], now=moment()).duplicates == 1
    roll_up_to_here(now=moment())
    assert [row.count for row in Rollup.objects.all()] == [1]


def test_an_event_committed_after_later_ones_were_counted_is_not_lost(
    elsewhere: BaseDatabaseWrapper,
) -> None:
    slow, quick = new_learner(), new_learner()
    insert(elsewhere, slow)  # its transaction is older than the next one, and still open
    at = moment(minutes=1)
    store([NewEvent("rec.shown", quick, at, context=answering(quick, at))], now=moment())
    roll_up(now=moment())
    assert sum(row.count for row in Rollup.objects.all()) == 0
    elsewhere.commit()
    roll_up_to_here(now=moment())
    assert sum(row.count for row in Rollup.objects.all()) == 2
    assert rolled() == recount()


def test_a_second_reader_leaves_at_once(elsewhere: BaseDatabaseWrapper) -> None:
    store(fortnight(2), now=moment())
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x6E77_726F])
    assert roll_up(now=moment()) == 0
    elsewhere.rollback()
    assert roll_up_to_here(now=moment()) > 0


def test_pages_can_say_how_fresh_the_counts_are() -> None:
    roll_up(now=moment(hours=1))
    roll_up(now=moment())
    assert moment() - Watermark.objects.get(reader=READER).read_at < timedelta(minutes=1)
