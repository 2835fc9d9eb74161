"""Is there a month for every event, and is the default left empty?"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from signals.derive.partitions import ensure_partitions, month_start, waiting_in_default
from signals.models import Event
from tests.factories import moment, new_course, wire_event
from tests.signals.door import Door

pytestmark = pytest.mark.django_db


def _place_of(event: Event) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM signals_event WHERE id = %s", [event.id]
        )
        (name,) = cursor.fetchone()
    return str(name)


def test_months_are_counted_over_the_end_of_the_year() -> None:
    at = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    assert month_start(at) == datetime(2026, 11, 1, tzinfo=UTC)
    assert month_start(at, 2) == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_start(at, -11) == datetime(2025, 12, 1, tzinfo=UTC)


def test_the_months_ahead_are_there_and_are_made_once() -> None:
    ensure_partitions(now=moment())
    assert ensure_partitions(now=moment()) == 0
    assert ensure_partitions(now=month_start(moment(), 1)) == 1


def test_an_event_lies_in_its_month() -> None:
    new_course("c1")
    at = moment(hours=1)
    Door().send(wire_event(course="c1", occurred_at=at.isoformat()))
    assert _place_of(Event.objects.get()) == f"signals_event_{at:%Y_%m}"
    assert waiting_in_default() == 0


def test_a_month_that_was_missing_takes_over_what_waited() -> None:
    new_course("c1")
    later = month_start(moment(), 8)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO signals_event (occurred_at, corrected_at, received_at, learner_id, id,"
            " source_id, kind) VALUES (%s, now(), now(), 1, gen_random_uuid(), 1, 1)",
            [later + timedelta(days=3)],
        )
    assert waiting_in_default() == 1
    assert ensure_partitions(now=month_start(moment(), 5)) > 0
    assert waiting_in_default() == 0
    assert _place_of(Event.objects.get()) == f"signals_event_{later:%Y_%m}"
