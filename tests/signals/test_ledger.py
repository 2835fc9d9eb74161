"""Does the ledger show every tampering, and forget names when a learner's key goes?"""

import json
from hashlib import sha256
from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signals import api, ledger
from signals.data import SYSTEM
from signals.models import LedgerEntry
from tests.factories import moment, new_learner

pytestmark = pytest.mark.django_db


def _write(count: int = 4) -> None:
    for number in range(count):
        api.append_ledger(
            actor=SYSTEM, action="test.write", subject="a", detail={"n": number}, now=moment()
        )


def _tamper(statement: str) -> None:
    """Change the table as somebody with the database's own rights could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE signals_ledgerentry ENABLE TRIGGER USER")


def test_an_untouched_chain_verifies() -> None:
    _write()
    assert api.verify_ledger() == 4


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("UPDATE signals_ledgerentry SET detail = '{\"n\":9}' WHERE sequence = 2", 2),
        ("UPDATE signals_ledgerentry SET actor = 'staff:eve' WHERE sequence = 3", 3),
        ("UPDATE signals_ledgerentry SET at = at + interval '1 second' WHERE sequence = 1", 1),
        ("DELETE FROM signals_ledgerentry WHERE sequence = 2", 2),
        ("UPDATE signals_ledgerentry SET previous = digest WHERE sequence = 4", 4),
    ],
)
def test_any_tampering_is_found_at_its_entry(statement: str, sequence: int) -> None:
    _write()
    _tamper(statement)
    with pytest.raises(ledger.LedgerBrokenError) as broken:
        api.verify_ledger()
    assert broken.value.sequence == sequence


def test_the_table_itself_refuses_changes() -> None:
    _write(1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.update(actor="staff:eve")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.all().delete()


def test_the_table_refuses_to_be_emptied() -> None:
    _write(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry ENABLE TRIGGER ledger_not_emptied")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _run("TRUNCATE signals_ledgerentry")
    assert api.verify_ledger() == 1


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


FORGE = """
UPDATE signals_ledgerentry SET actor = 'staff:eve', digest = sha256(previous || convert_to(
    '{"action":"' || action || '","actor":"staff:eve","at":"' ||
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","detail":' ||
    to_json(detail)::text || ',"sequence":' || sequence || ',"subject":"' || subject
    || '"}', 'UTF8'))
"""


def test_who_has_only_sql_cannot_make_an_entry_that_fits() -> None:
    _write(1)
    _tamper(FORGE)
    entry = LedgerEntry.objects.get()
    assert plain_digest(entry, bytes(32)) == bytes(entry.digest)  # forged by every other rule
    with pytest.raises(ledger.LedgerBrokenError, match="content was changed"):
        api.verify_ledger()


def test_a_chain_of_another_master_key_does_not_verify(settings: Settings) -> None:
    _write(1)
    settings.MASTER_KEY = "another master key of more than 32 characters"
    with pytest.raises(ledger.LedgerBrokenError):
        api.verify_ledger()


MIGRATION = import_module("signals.migrations.0004_keyed_ledger")


def plain_digest(entry: LedgerEntry, previous: bytes) -> bytes:
    """The digest entries had before there was a key."""
    return sha256(previous + MIGRATION.said_by(entry)).digest()


def as_before() -> None:
    """Chain the ledger as it was before there was a key."""
    previous = bytes(32)
    for entry in LedgerEntry.objects.order_by("sequence"):
        digest = plain_digest(entry, previous)
        LedgerEntry.objects.filter(pk=entry.pk).update(previous=previous, digest=digest)
        previous = digest


@pytest.mark.parametrize("entries", [0, 3])
def test_a_ledger_from_before_there_was_a_key_is_hashed_anew(entries: int) -> None:
    _write(entries)
    _run("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
    as_before()
    MIGRATION.rehash(apps, connection.schema_editor())
    assert api.verify_ledger() == entries


def test_a_broken_ledger_is_not_made_good_by_hashing_it_anew() -> None:
    _write(3)
    _run("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
    as_before()
    LedgerEntry.objects.filter(sequence=2).update(actor="staff:eve")
    with pytest.raises(RuntimeError, match="broken at entry 2"):
        MIGRATION.rehash(apps, connection.schema_editor())


def test_rows_come_newest_first_and_can_be_narrowed() -> None:
    _write(3)
    api.append_ledger(actor=SYSTEM, action="key.made", subject="b", detail={"x": 1}, now=moment())
    assert [row.sequence for row in api.ledger_rows(limit=2)] == [4, 3]
    (row,) = api.ledger_rows(action_prefix="key.")
    assert (row.action, row.detail) == ("key.made", {"x": 1})
    assert [row.sequence for row in api.ledger_rows(subject="a")] == [3, 2, 1]


def test_a_sealed_detail_is_lost_with_its_key_and_the_chain_still_holds() -> None:
    learner_id = new_learner("ada")
    api.append_ledger(
        actor=SYSTEM,
        action="learner.named",
        subject=f"learner:{learner_id}",
        detail={"name": "Ada"},
        now=moment(),
        learner_id=learner_id,
    )
    assert "Ada" not in LedgerEntry.objects.get().detail
    assert api.ledger_rows(action_prefix="learner.named")[0].detail == {"name": "Ada"}
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert api.ledger_rows(action_prefix="learner.named")[0].detail == {"erased": True}
    assert api.verify_ledger() == 3


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_the_spelling_of_a_detail_survives_a_round_trip(detail: dict[str, object]) -> None:
    assert ledger.canonical(json.loads(ledger.canonical(detail))) == ledger.canonical(detail)
