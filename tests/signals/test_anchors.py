"""Does a signed head of the ledger show what the chain alone cannot: a tail that was cut off?"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from signals import anchors, api, ledger
from signals.data import SYSTEM
from signals.ledger import LedgerBrokenError
from signals.models import LedgerEntry
from tests.factories import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    """Return where anchors are written; nothing is there yet."""
    path = tmp_path / "anchors" / "ledger.jsonl"
    settings.LEDGER_ANCHOR_FILE = path
    settings.LEDGER_ANCHOR_KEY = "a key of anchors that is long enough"
    return path


def write(count: int) -> None:
    for number in range(count):
        api.append_ledger(
            actor=SYSTEM, action="test.write", subject="a", detail={"n": number}, now=moment()
        )


def write_many(count: int) -> None:
    """Chain entries as `append` does, all at once."""
    previous, entries = ledger.GENESIS, []
    for sequence in range(1, count + 1):
        entry = LedgerEntry(
            sequence=sequence,
            at=moment(minutes=sequence),
            actor="staff:root",
            action="override.hide",
            subject=f"course:{sequence}",
            detail=ledger.canonical({"reason": "Quality review", "n": sequence}),
            previous=previous,
        )
        previous = entry.digest = ledger._digest(entry)
        entries.append(entry)
    LedgerEntry.objects.bulk_create(entries, batch_size=2000)


def tampered(statement: str, *places: int) -> LedgerBrokenError:
    """Return what is found after a statement past the triggers; the statement is undone."""
    mark = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(statement, places)
    with pytest.raises(LedgerBrokenError) as broken:
        api.verify_ledger()
    transaction.savepoint_rollback(mark)
    return broken.value


BYTE = """
UPDATE signals_ledgerentry SET detail = replace(detail, 'view', 'vieW') WHERE sequence = %s
"""
DIGEST = """
UPDATE signals_ledgerentry SET digest = set_byte(digest, 31, 255 - get_byte(digest, 31))
WHERE sequence = %s
"""
REMOVED = "DELETE FROM signals_ledgerentry WHERE sequence = %s"
CUT = "DELETE FROM signals_ledgerentry WHERE sequence >= %s"


@pytest.mark.parametrize("many", [300, pytest.param(10_000, marks=pytest.mark.prove)])
def test_a_changed_byte_a_removed_entry_and_a_cut_tail_are_found(file: Path, many: int) -> None:
    write_many(many)
    anchors.anchor(now=moment())
    found = [tampered(BYTE, 121), tampered(REMOVED, 211), tampered(CUT, many)]
    assert [one.sequence for one in found] == [121, 211, many]
    assert f"an anchor says there were {many}" in str(found[-1])


def test_a_changed_digest_of_the_last_entry_and_an_emptied_table_are_found(file: Path) -> None:
    write(3)
    anchors.anchor(now=moment())
    assert tampered(DIGEST, 3).sequence == 3
    assert tampered(CUT, 1).sequence == 1


def test_a_chain_made_anew_with_the_key_of_the_ledger_is_not_the_one_that_was_anchored(
    file: Path,
) -> None:
    write(3)
    anchors.anchor(now=moment())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
    LedgerEntry.objects.all().delete()
    write_many(5)
    assert ledger.verify().entries == 5  # by itself it fits
    with pytest.raises(LedgerBrokenError, match="not the entry that was anchored"):
        api.verify_ledger()


def test_each_day_has_its_line_and_entries_may_follow(file: Path) -> None:
    write(2)
    first = anchors.anchor(now=moment())
    assert anchors.anchor(now=moment(minutes=5)) == first  # the same head on the same day
    write(3)
    anchors.anchor(now=moment(days=1))
    write(1)
    held = anchors.verify()
    assert (held.entries, held.anchors) == (6, 2)
    assert held.last is not None
    assert held.last.entries == 5
    assert anchors.newest() == held.last


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"entries":2', '"entries":1', "was not signed here"),
        ('"at":"2', '"at":"1', "was not signed here"),
        ('{"at"', '["at"', "cannot be read"),
        ('"signature":"', '"signature":"zz', "cannot be read"),
    ],
)
def test_a_changed_line_of_the_file_is_named(file: Path, old: str, new: str, why: str) -> None:
    write(2)
    anchors.anchor(now=moment())
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(LedgerBrokenError, match=f"line 1 of the file of anchors {why}"):
        api.verify_ledger()


def test_a_line_taken_out_of_the_file_is_missed(file: Path) -> None:
    for day in range(3):
        write(1)
        anchors.anchor(now=moment(days=day))
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(lines[0] + lines[2])
    with pytest.raises(LedgerBrokenError, match=r"line 2 .* does not follow"):
        api.verify_ledger()


def test_lines_of_another_key_count_for_nothing(file: Path, settings: Settings) -> None:
    write(1)
    anchors.anchor(now=moment())
    settings.LEDGER_ANCHOR_KEY = "another key that is also long enough"
    with pytest.raises(LedgerBrokenError, match="was not signed here"):
        api.verify_ledger()


def test_nothing_is_anchored_of_a_chain_that_does_not_hold(file: Path) -> None:
    write(3)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE signals_ledgerentry SET actor = 'staff:eve' WHERE sequence = 2")
    with pytest.raises(LedgerBrokenError):
        anchors.anchor(now=moment())
    assert file.read_text() == ""


def test_after_a_restore_a_reason_is_signed_and_the_lost_entries_count_no_more(file: Path) -> None:
    write(2)
    anchors.anchor(now=moment())
    write(2)
    anchors.anchor(now=moment(days=1))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM signals_ledgerentry WHERE sequence > 3")
    with pytest.raises(LedgerBrokenError, match="an anchor says there were 4"):
        anchors.anchor(now=moment(days=2))
    call_command("anchor_ledger", restored="backup of Monday", stdout=StringIO())
    assert api.verify_ledger() == 3
    assert anchors.verify().last.restored == "backup of Monday"  # type: ignore[union-attr]


def test_the_commands_tell_what_was_anchored_and_checked(file: Path, tmp_path: Path) -> None:
    write(4)
    told, report = StringIO(), tmp_path / "report.json"
    call_command("anchor_ledger", json=report, stdout=told)
    said = json.loads(report.read_text())
    assert f"4 entries anchored, head {said['head']}" in told.getvalue()
    assert said["public_key"] == anchors.public_key()
    call_command("verify_ledger", json=report, stdout=told)
    assert json.loads(report.read_text()) == {"holds": True, "entries": 4, "anchors": 1}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM signals_ledgerentry WHERE sequence = 4")
    with pytest.raises(CommandError, match="broken at entry 4"):
        call_command("verify_ledger", json=report, stdout=told)
    assert json.loads(report.read_text())["broken_at"] == 4


def test_without_a_key_nothing_is_anchored_and_a_deployment_is_told(
    file: Path, settings: Settings
) -> None:
    settings.LEDGER_ANCHOR_KEY = ""
    write(1)
    with pytest.raises(anchors.AnchorKeyError, match="Set LEDGER_ANCHOR_KEY"):
        anchors.anchor(now=moment())
    assert api.verify_ledger() == 1
    assert [one.id for one in anchors.check_key()] == ["signals.W010"]
