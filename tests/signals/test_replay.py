"""Can what was refused be mended and taken in, once, and does an erasure reach it?"""

import json
from pathlib import Path

import msgspec
import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from signals import api
from signals.capture import quarantine
from signals.data import SYSTEM
from signals.models import Event, LedgerEntry, Quarantine
from tests.factories import ada, moment, new_course, new_learner, root, wire_event
from tests.signals.door import BATCH, Door
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db


def replay(tmp_path: Path, *options: str) -> dict[str, object]:
    out = tmp_path / "out.json"
    call_command("replay_quarantine", *options, "--json", str(out))
    found: dict[str, object] = json.loads(out.read_text())
    return found


def test_what_was_refused_is_kept_byte_for_byte(tmp_path: Path) -> None:
    event = (
        b'{ "kind":"course.viewed" , "learner":"ada", "occurred_at":5, "more":1.50, "x":"\\ud800"}'
    )
    Door().post(b'{"batch":[' + event + b"," + b'{"a":"' + b"y" * 300_000 + b'"}' + b"]}")
    first, second = Quarantine.objects.order_by("pk")
    assert quarantine.opened(first) == event
    assert len(quarantine.opened(second)) == 300_008
    assert first.contract_version


def test_events_of_a_course_imported_later_are_taken_in_once(tmp_path: Path) -> None:
    ada()
    door = Door()
    events = [wire_event(course="late") for _ in range(3)]
    assert door.send(*events, wire_event("no.kind"))["quarantined"] == 4
    new_course("late")
    dry = replay(tmp_path, "--reason", "unknown_course", "--dry-run")
    assert (dry["found"], dry["replayed"], Event.objects.count()) == (3, 3, 0)
    came = replay(tmp_path, "--reason", "unknown_course", "--source", "lms")
    assert (came["replayed"], came["stored"], Event.objects.count()) == (3, 3, 3)
    assert replay(tmp_path, "--reason", "unknown_course")["found"] == 0
    assert door.send(*events)["duplicates"] == 3
    assert LedgerEntry.objects.filter(action="quarantine.replayed").count() == 1


def test_what_still_does_not_fit_stays(tmp_path: Path) -> None:
    Door().send(wire_event("no.kind"), wire_event("no.kind"))
    came = replay(tmp_path)
    assert (came["refused"], came["reasons"]) == (2, {"unknown_kind": 2})
    assert Quarantine.objects.filter(replayed_at=None).count() == 2


def test_filters_choose_by_source_and_time(tmp_path: Path) -> None:
    Door().send(wire_event("no.kind"))
    day = moment().date().isoformat()
    assert replay(tmp_path, "--source", "other")["found"] == 0
    assert replay(tmp_path, "--until", day)["found"] == 0
    assert replay(tmp_path, "--since", day)["found"] == 1


def test_an_event_from_the_future_is_judged_anew(tmp_path: Path) -> None:
    new_course("sql")
    Door().send(wire_event(course="sql", occurred_at=moment(days=-2).isoformat()))
    assert replay(tmp_path, "--reason", "future")["refused"] == 1
    with time_machine.travel(moment(days=-2), tick=True):
        assert replay(tmp_path, "--reason", "future")["stored"] == 1


def test_old_events_are_taken_in_where_backfill_is_asked(tmp_path: Path) -> None:
    new_course("sql")
    Door().send(wire_event(course="sql", occurred_at=moment(days=40).isoformat()))
    assert replay(tmp_path)["refused"] == 1
    assert replay(tmp_path, "--backfill")["stored"] == 1


def test_a_refused_body_of_statements_is_replayed_as_it_came(tmp_path: Path) -> None:
    new_course("c1:c1")
    lms = Lms()
    good, bad = statement(), statement()
    del bad["verb"]
    assert lms.post(good, bad).status_code == 400
    assert replay(tmp_path)["refused"] == 1
    row = Quarantine.objects.get()
    assert (row.door, json.loads(row.form)["version"]) == ("statements", "1.0.3")


def test_an_erasure_reaches_refused_events_and_bodies() -> None:
    door = Door()
    learner_id = new_learner("cora-nary")
    door.send(wire_event("no.kind", learner="cora-nary"), wire_event("no.kind", learner="dora"))
    door.post(b'{"batch": {"learner": "cora-nary"}}')
    door.post(b"not json but names cora-nary")
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    left = [quarantine.opened(row) for row in Quarantine.objects.all()]
    assert len(left) == 1
    assert b"dora" in left[0]


def test_refused_statements_of_the_erased_leave_a_body_of_many() -> None:
    lms = Lms()
    learner_id = new_learner("cora-nary")
    one, other = statement(), statement()
    one["actor"] = {"account": {"homePage": "https://lms.example", "name": "cora-nary"}}
    del other["verb"]
    lms.post(one, other)
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    [left] = [quarantine.opened(row) for row in Quarantine.objects.all()]
    assert msgspec.json.decode(left) == [other]


def test_a_late_refusal_of_somebody_erased_is_not_kept() -> None:
    door = Door()
    api.erase_learner(new_learner("cora-nary"), actor=SYSTEM, now=moment())
    assert door.send(wire_event("no.kind", learner="cora-nary"))["quarantined"] == 1
    assert not Quarantine.objects.exists()


def test_a_person_replays_chosen_refusals_in_the_admin() -> None:
    ada()
    Door().send(wire_event(course="late"), wire_event(course="never"))
    new_course("late")
    client = Client()
    client.force_login(root().account)
    rows = [str(row.pk) for row in Quarantine.objects.all()]
    answer = client.post(
        "/admin/signals/quarantine/", {"action": "replay", "_selected_action": rows}, follow=True
    )
    assert b"1 of 2" in answer.content
    assert Event.objects.count() == 1


@pytest.mark.parametrize("body", [b"\x1f\x8bno", b"x" * 100])
def test_a_body_that_cannot_be_inflated_is_kept_as_it_came(body: bytes) -> None:
    answer = Door().post(body, BATCH, Content_Encoding="gzip")
    assert answer.status_code == 400
    assert quarantine.opened(Quarantine.objects.get()) == body
