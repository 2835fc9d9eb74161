"""What becomes of events that come while PostgreSQL is away?"""

from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from signals import api
from signals.capture.spool import card, files, keep
from signals.data import SYSTEM, Purpose
from signals.models import Event, Quarantine, SpoolProgress
from tests.factories import ada, ben, consents, moment, new_course, new_learner, wire_event
from tests.signals.door import Door, problem
from tests.signals.spool.outage import drained, outage

pytestmark = pytest.mark.django_db


@pytest.fixture
def door() -> Door:
    """A platform whose key is known, with a course and a learner."""
    new_course("sql")
    ada()
    found = Door()
    found.send(wire_event(course="sql"))
    Event.objects.all().delete()
    return found


def body(*events: dict[str, object]) -> bytes:
    return msgspec.json.encode({"batch": events})


def stored() -> set[str]:
    return {str(found) for found in Event.objects.values_list("id", flat=True)}


def test_events_wait_on_disk_and_are_stored_when_postgresql_is_back(door: Door) -> None:
    events = [wire_event(course="sql") for _ in range(3)]
    with outage():
        answer = door.post(body(*events))
    counts = msgspec.json.decode(answer.content)
    assert (answer.status_code, counts["accepted"], counts["spooled"]) == (200, 3, 3)
    assert Event.objects.count() == 0
    done = drained()
    assert (done.records, done.events, done.waiting) == (1, 3, 0)
    assert stored() == {str(event["id"]) for event in events}


def test_nothing_of_it_can_be_read_on_the_disk(door: Door, spool_folder: Path) -> None:
    with outage():
        door.post(body(wire_event(course="sql", learner="somebody-special")))
        door.post(body(wire_event("search.performed", context={"query": "a secret wish"}, value=1)))
    held = b"".join(path.read_bytes() for path in spool_folder.iterdir())
    assert len(files.segments(spool_folder)) == 1
    for canary in (b"somebody-special", b"secret wish", b"course.viewed", door.key.encode()):
        assert canary not in held


def test_a_crash_between_commit_and_removal_stores_nothing_twice(
    door: Door, spool_folder: Path
) -> None:
    with outage():
        door.post(body(wire_event(course="sql"), wire_event(course="nowhere")))
    [segment] = files.segments(spool_folder)
    content = segment.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "remove", _crash)
        with pytest.raises(KeyboardInterrupt):
            drained()
    assert SpoolProgress.objects.get().records == 1
    assert segment.read_bytes() == content
    assert drained().events == 0
    assert (Event.objects.count(), Quarantine.objects.count()) == (1, 1)
    assert not SpoolProgress.objects.exists()


def _crash(_path: Path) -> None:
    raise KeyboardInterrupt


def test_a_resend_of_what_waited_is_a_duplicate(door: Door) -> None:
    event = wire_event(course="sql")
    with outage():
        door.post(body(event))
        door.post(body(event))
    assert door.send(event)["accepted"] == 1
    assert drained().events == 0
    assert Event.objects.count() == 1


def test_consent_is_applied_when_it_is_stored(door: Door) -> None:
    ben()
    with outage():
        door.post(body(wire_event(course="sql", learner="ben"), wire_event(course="sql")))
    assert drained().events == 1
    new_learner("cora")
    with outage():
        door.post(body(wire_event(course="sql", learner="cora")))
    consents(new_learner("cora"), Purpose.PERSONALIZATION, granted=False)
    assert drained().events == 0


def test_nobody_who_was_erased_comes_back_from_the_disk(door: Door) -> None:
    learner_id = new_learner("cora")
    with outage():
        door.post(body(wire_event(course="sql", learner="cora")))
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    done = drained()
    assert (done.records, done.events, done.waiting) == (1, 0, 0)
    assert not Event.objects.exists()


def test_what_needs_consent_is_refused_and_what_does_not_waits_once(door: Door) -> None:
    consents(new_learner("ada"), Purpose.FINE_GRAINED)
    fine = wire_event("video.seeked", course="sql", context={"from_s": 1.5, "to_s": 77.25})
    plain = wire_event(course="sql")
    with outage():
        answers = [door.post(body(plain, fine)) for _ in range(3)]
    for answer in answers:
        told = problem(answer)
        assert (told["status"], told["field"], answer["Retry-After"]) == (503, "$.batch[1]", "5")
    assert drained().records == 1
    assert stored() == {plain["id"]}


def test_what_does_not_fit_is_refused_at_once_and_kept_for_the_quarantine(door: Door) -> None:
    good, bad = wire_event(course="sql"), wire_event("course.rated", course="sql", value=9)
    with outage():
        counts = msgspec.json.decode(door.post(body(good, bad)).content)
    assert (counts["accepted"], counts["quarantined"]) == (1, 1)
    assert counts["errors"][0]["code"] == "value_out_of_range"
    drained()
    assert (stored(), Quarantine.objects.get().code) == ({good["id"]}, "value_out_of_range")


def test_a_process_that_never_met_the_database_reads_who_may_send_from_its_node(
    door: Door,
) -> None:
    card.write(now=moment())
    api.forget_caches()
    with outage(card_written=False):
        assert door.post(body(wire_event(course="sql"))).status_code == 200
    assert drained().events == 1


def test_without_a_card_nothing_is_promised(door: Door) -> None:
    with outage(card_written=False):
        answer = door.post(body(wire_event(course="sql")))
    assert problem(answer)["status"] == 503
    assert answer["Retry-After"]


def test_a_key_nobody_knows_is_let_in_by_nobody(door: Door) -> None:
    door.key = "nw_" + "x" * 43
    with outage():
        assert door.post(body(wire_event(course="sql"))).status_code == 503


def test_the_card_of_a_node_names_no_learner_and_no_key(door: Door, spool_folder: Path) -> None:
    Door(source="a-learning-platform")
    card.write(now=moment())
    held = (spool_folder / card.NAME).read_bytes()
    assert door.key.encode() not in held
    assert b"a-learning-platform" not in held
    assert (spool_folder / card.NAME).stat().st_mode & 0o077 == 0


def test_segments_are_stored_in_the_order_they_came(door: Door) -> None:
    first, second = (wire_event(course="sql") for _ in range(2))
    with outage():
        door.post(body(first))
        keep.forget_cached()  # as another process would: a segment of its own
        door.post(body(second))
    drained()
    order = Event.objects.order_by("received_at").values_list("id", flat=True)
    assert list(order) == [UUID(str(first["id"])), UUID(str(second["id"]))]
