"""What happens when the same comes in twice at once? Everything once, and everybody is answered."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import connection, connections, transaction

from signals import api, ledger
from signals.capture import buffer
from signals.data import SYSTEM, NewEvent
from signals.models import DataKey, Event, Identity, Learner, LearnerCourse
from tests.factories import moment, new_course, wire_event
from tests.signals.door import Door

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that start together; return what each returned."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[place] = call()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_identical_batches_at_once_are_stored_once_and_counted_exactly() -> None:
    new_course("c1")
    door = Door()
    body = msgspec.json.encode(
        {"batch": [wire_event(course="c1", learner=f"l{n % 7}") for n in range(60)]}
    )
    answers = at_once(*[lambda: door.post(body)] * 6)
    counts = [msgspec.json.decode(answer.content) for answer in answers]
    assert {answer.status_code for answer in answers} == {200}
    assert sum(count["accepted"] for count in counts) == Event.objects.count() == 60
    assert sum(count["duplicates"] for count in counts) == 5 * 60
    assert sum(row.events for row in LearnerCourse.objects.all()) == 60


def test_overlapping_batches_of_many_senders_lose_and_double_nothing() -> None:
    new_course("c1")
    door = Door()
    events = [wire_event(course="c1", learner=f"l{n % 5}") for n in range(200)]
    parts = [events[start : start + 80] for start in range(0, 200, 20)]
    answers = at_once(
        *[lambda part=part: door.post(msgspec.json.encode({"batch": part})) for part in parts]
    )
    accepted = sum(msgspec.json.decode(answer.content)["accepted"] for answer in answers)
    assert accepted == Event.objects.count() == 200


@pytest.mark.parametrize("looking", [0, 5])
def test_new_events_known_ones_and_unwanted_ones_are_told_apart_either_way(
    monkeypatch: pytest.MonkeyPatch, looking: int
) -> None:
    new_course("c1")
    door = Door()
    known = [wire_event(course="c1", learner=f"l{n % 7}") for n in range(30)]
    new = [wire_event(course="c1", learner=f"l{n % 7}") for n in range(20)]
    unwanted = [wire_event("video.played", course="c1", learner="l1") for _ in range(10)]
    answers = []
    for batch in (known, known + new + unwanted, new):
        monkeypatch.setattr(buffer, "_looking", looking)
        answers.append(door.send(*batch))
    told = [(each["accepted"], each["duplicates"], each["dropped_by_consent"]) for each in answers]
    assert told == [(30, 0, 0), (20, 30, 10), (0, 20, 0)]
    assert sum(row.events for row in LearnerCourse.objects.all()) == Event.objects.count() == 50


def test_after_a_known_event_the_next_groups_are_looked_for_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new_course("c1")
    door = Door()
    monkeypatch.setattr(buffer, "_looking", 0)
    event = wire_event(course="c1")
    for _ in range(2):
        door.send(event)
    assert buffer._looking == buffer.LOOKING_GROUPS
    for _ in range(buffer.LOOKING_GROUPS):
        door.send(wire_event(course="c1"))
    assert buffer._looking == 0


def test_a_new_learner_met_at_once_is_made_once() -> None:
    found = at_once(*[lambda: api.ensure_learner("ada", now=moment())] * 8)
    assert len(set(found)) == 1
    assert Learner.objects.count() == Identity.objects.count() == DataKey.objects.count() == 1
    assert api.external_id(found[0]) == "ada"


def _wait_until_it_waits(other: threading.Thread) -> None:
    """Return when a session of this database waits for a lock; a query each turn."""
    asked = """SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock')"""
    while other.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the first
            cursor.execute(asked)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("It ended and never waited.")


def test_an_erasure_waits_for_what_is_being_stored_and_takes_it_along() -> None:
    learner_id = api.ensure_learner("ada", now=moment())
    course_id = new_course("c1").course_id
    event = NewEvent("course.viewed", learner_id, moment(), course_id=course_id)

    def erase() -> None:
        api.erase_learner(learner_id, actor=SYSTEM, now=moment())
        connections.close_all()

    eraser = threading.Thread(target=erase)
    with transaction.atomic():
        assert api.record([event], now=moment()).accepted == 1
        eraser.start()
        _wait_until_it_waits(eraser)
    eraser.join()
    assert (Event.objects.count(), LearnerCourse.objects.count()) == (0, 0)
    assert not Learner.objects.exists()


@pytest.mark.parametrize("looking", [0, 5])
def test_a_writer_that_waits_for_a_key_holds_no_history_yet(
    monkeypatch: pytest.MonkeyPatch, looking: int
) -> None:
    """Else one that hopes and one that looks each hold what the other waits for."""
    course_id = new_course("c1").course_id
    door = Door()
    door.send(wire_event(course="c1"))
    event = wire_event(course="c1")
    told: dict[str, Any] = {}

    def send_again() -> None:
        told.update(door.send(event))
        connections.close_all()

    sender = threading.Thread(target=send_again)
    with transaction.atomic():
        rows = Event.objects.filter(course_id=course_id)
        first = rows.get()
        first.id = UUID(str(event["id"]))
        first.occurred_at = datetime.fromisoformat(str(event["occurred_at"]))
        Event.objects.bulk_create([first])
        monkeypatch.setattr(buffer, "_looking", looking)
        sender.start()
        _wait_until_it_waits(sender)
        assert LearnerCourse.objects.select_for_update(nowait=True).get().events == 1
    sender.join()
    assert (told["accepted"], told["duplicates"]) == (0, 1)
    assert (rows.count(), LearnerCourse.objects.get().events) == (2, 1)


def test_ledger_entries_written_at_once_keep_one_chain() -> None:
    def write() -> int:
        return api.append_ledger(
            actor=SYSTEM, action="test.write", subject="x", detail={}, now=moment()
        )

    assert Counter(at_once(*[write] * 8)) == Counter(range(1, 9))
    assert ledger.verify().entries == 8
