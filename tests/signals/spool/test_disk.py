"""What comes of a full disk and of a record that broke off? Nothing acknowledged is lost."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from signals.capture.retention import purge_expired
from signals.capture.spool import card, files, keep, watch
from signals.models import DayKey, Event, SpoolProgress
from tests.factories import moment, new_course, wire_event
from tests.signals.door import Door, problem
from tests.signals.spool.outage import drained, outage
from tests.signals.spool.test_spool import body, stored

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 2)


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_refuses_and_what_was_acknowledged_before_is_stored() -> None:
    new_course("sql")
    door, first = Door(), wire_event(course="sql")
    text = {"text": "x" * 10_000}
    many = [wire_event("forum.posted", course="sql", context=text) for _ in range(100)]
    with outage():
        assert door.post(body(first)).status_code == 200
        with no_file_over(500_000):
            answer = door.post(body(*many))
    assert problem(answer)["status"] == 503
    assert answer["Retry-After"]
    assert drained().broken == 0
    assert stored() == {first["id"]}
    assert door.send(*many)["accepted"] == 100


def test_a_disk_too_full_for_the_card_is_emptied_all_the_same(
    monkeypatch: pytest.MonkeyPatch, spool_folder: Path
) -> None:
    new_course("sql")
    door, event = Door(), wire_event(course="sql")
    with outage():
        door.post(body(event))

    def full(**_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(card, "write_when_due", full)
    with pytest.raises(OSError, match="No space"):
        watch.look()
    assert stored() == {event["id"]}
    assert files.segments(spool_folder) == []


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_record_that_broke_off_is_cut_and_the_others_are_stored(
    spool_folder: Path, cut: int
) -> None:
    new_course("sql")
    door, events = Door(), [wire_event(course="sql") for _ in range(3)]
    with outage():
        for event in events:
            door.post(body(event))
    [segment] = files.segments(spool_folder)
    segment.write_bytes(segment.read_bytes()[:-cut])
    assert (drained().broken, Event.objects.count()) == (1, 2)


def test_damage_in_the_middle_costs_the_damaged_alone(spool_folder: Path) -> None:
    new_course("sql")
    door, events = Door(), [wire_event(course="sql") for _ in range(3)]
    with outage():
        for event in events:
            door.post(body(event))
    [segment] = files.segments(spool_folder)
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(bytes(content))
    assert drained().broken == 1
    assert stored() == {str(events[0]["id"]), str(events[2]["id"])}


def test_a_segment_being_drained_is_left_alone_by_its_writer(tmp_path: Path) -> None:
    writer = files.Writer()
    writer.append(tmp_path, DAY, b"first")
    [segment] = files.segments(tmp_path)
    with files.taken(segment) as content:
        assert list(files.records(content)) == [b"first"]
        writer.append(tmp_path, DAY, b"second")
        files.remove(segment)
    [other] = files.segments(tmp_path)
    assert list(files.records(other.read_bytes())) == [b"second"]


def test_a_spool_that_holds_its_most_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 100)
    monkeypatch.setattr(files, "SEGMENT_BYTES", 10)
    writer = files.Writer()
    writer.append(tmp_path, DAY, b"x" * 60)
    with pytest.raises(files.SpoolFullError):
        writer.append(tmp_path, DAY, b"x" * 60)


def test_what_waited_thirty_days_is_gone_with_its_key(spool_folder: Path) -> None:
    new_course("sql")
    door = Door()
    with outage():
        door.post(body(wire_event(course="sql")))
    keep.forget_cached()
    now = moment() + timedelta(days=31)
    assert purge_expired(now=now)["spooled"] == 1
    assert files.segments(spool_folder) == []
    assert not SpoolProgress.objects.exists()


def test_a_key_that_was_destroyed_ends_the_wait(spool_folder: Path) -> None:
    new_course("sql")
    door = Door()
    with outage():
        door.post(body(wire_event(course="sql")))
    DayKey.objects.all().delete()
    assert (drained().expired, card.folder()) == (1, spool_folder)
    assert not Event.objects.exists()
