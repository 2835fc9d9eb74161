"""Is a copy of somebody's data whole, theirs alone, and safe to open in a spreadsheet?"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connections
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from personalize.data import Source
from signals import api
from signals.capture import quarantine
from signals.capture.contract import Refusal
from signals.data import SYSTEM, Actor, ActorKind
from signals.models import Account, PrivacyRequest
from signals.models.names import keyed
from signals.privacy import copies
from signals.privacy.copies import as_csv
from signals.privacy.export import WITHHELD
from signals.privacy.own_rows import tables_of_learners
from signals.privacy.spreadsheets import cell
from tests.factories import moment, pages_source
from tests.signals.privacy.lived import every_table, lived, number_of

pytestmark = pytest.mark.django_db

# What a learner said and who they are, where it is kept. Not kept anywhere: answers of quizzes,
# positions and sessions of capture sources, and what no kind has a place for.
KEPT = ("id", "em", "nm", "qr", "po", "qz", "vb", "on", "ek", "ev", "pl", "dc", "st", "pf", "xx")

# Columns that a copy holds under another name, or as the thing they point to.
SAID_AS = {
    "experiments.assignment.assigned_at": "since",
    "experiments.assignment.cluster": "with",
    "experiments.assignment.experiment_id": "experiment",
}
WORDS = {  # codes handed out by name: the value is checked by a test of its own
    "signals.event.kind",
    "experiments.assignment.experiment_id",
    "personalize.decision.surface",
    "personalize.decision.source",
    "personalize.decision.intent",
    "personalize.decision.slots",
    "personalize.decision.inputs",
}
HEAD = "learner_id"  # once, at the head of the copy


@pytest.fixture(autouse=True)
def _no_comparison_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.0)


def as_text(copy: object) -> str:
    return json.dumps(copy, ensure_ascii=False, default=str)


def dicts(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a copy, however deep."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from dicts(part)
    elif isinstance(value, list):
        for part in value:
            yield from dicts(part)


def columns(row: Model) -> dict[str, object]:
    """Return what a copy has to hold of a row, by column."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.column
        and field.attname != HEAD
        and f"{row._meta.label_lower}.{field.attname}" not in WITHHELD
    }


def same(row: Model, column: str, held: dict[str, Any]) -> bool:
    label = f"{row._meta.label_lower}.{column}"
    name, value = SAID_AS.get(label, column), getattr(row, column)
    if name not in held:
        return False
    if label in WORDS:
        return True
    return str(held[name]).replace("T", " ") == str(value).replace("T", " ")


def missing(row: Model, held: list[dict[str, Any]]) -> set[str]:
    """Return the columns of a row that no single object of a copy holds together."""
    wanted = columns(row)
    lacks = [{name for name in wanted if not same(row, name, one)} for one in held]
    return min(lacks, key=len, default=set(wanted))


def rows_about(learner_id: int) -> Iterator[Model]:
    for model in every_table():
        yield from model._default_manager.filter(learner_id=learner_id)
    yield from PrivacyRequest.objects.filter(subject=learner_id)
    name = keyed(Account.objects.get(learner_id=learner_id).username)
    for traces in (AccessAttempt, AccessFailureLog, AccessLog):
        yield from traces.objects.filter(username=name)


def test_a_copy_holds_every_column_of_every_table_about_a_learner_and_nobody_else(
    tmp_path: Path,
) -> None:
    mine, other = lived(tmp_path, learners=2)
    learner_id = number_of(mine)
    copy = api.export_learner(learner_id, actor=SYSTEM, now=moment())
    copy = api.export_learner(learner_id)

    text, held = as_text(copy), list(dicts(copy))
    rows = list(rows_about(learner_id))
    lost = {(row._meta.label, *sorted(absent)) for row in rows if (absent := missing(row, held))}

    assert lost == set()
    assert [what for what in KEPT if mine.say(what) not in text] == []
    assert f"{other.number:03}" not in {part[-3:] for part in text.split("canary") if part}
    assert not any(other.say(what) in text for what in KEPT)
    assert str(number_of(other)) not in text
    without = {model._meta.label for model in tables_of_learners()} - {r._meta.label for r in rows}
    assert without == set(), "these tables were given no row, so nothing is known of their copy"


def test_every_column_that_is_withheld_exists_and_has_its_reason() -> None:
    models = {model._meta.label_lower: model for model in every_table()}
    for label, reason in WITHHELD.items():
        table, _, column = label.rpartition(".")
        assert column in {field.attname for field in models[table]._meta.concrete_fields}, label
        assert len(reason.split()) > 3, label


def test_a_copy_can_be_read_without_us_and_names_no_member_of_staff(tmp_path: Path) -> None:
    (mine,) = lived(tmp_path)
    pia = Actor(ActorKind.STAFF, "pia-of-the-office")
    api.export_learner(number_of(mine), actor=pia, now=moment())

    copy: Any = api.export_learner(number_of(mine))

    events = copy["signals"]["events"]
    lists = copy["personalize"]["recommendations"]
    assert {"course.enrolled", "search.performed"} <= {event["kind"] for event in events}
    assert all(event["course"] for event in events if event["course_id"])
    assert {one["surface"] for one in lists} == {"home"}
    assert {one["source"] for one in lists} <= {source.value for source in Source}
    assert copy["signals"]["log"][-1]["actor"] == "staff"
    assert "pia-of-the-office" not in as_text(copy)


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "|cmd", "%0a")  # noqa: RUF001


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_table_begins_as_a_formula(text: str) -> None:
    ((_head,), (shown,)) = csv.reader(io.StringIO(table_of({"said": text})))

    assert shown.startswith("'")
    assert shown.replace("'", "") == text


@pytest.mark.parametrize("value", [-1, -0.5, 0, True, None, "a=b", "2026-11-21", "ada", ""])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert cell(value) == ("" if value is None else str(value))


def table_of(*rows: dict[str, object]) -> str:
    """Return rows as CSV without the mark of its encoding."""
    return "".join(as_csv(iter(rows), whole=True)).lstrip("\ufeff")


def test_a_formula_in_any_column_name_or_list_is_defused_too() -> None:
    rows = list(csv.reader(io.StringIO(table_of({"=cmd": ["=1"], "b": {"c": "=1"}}))))
    assert all(
        not text.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for text in row
    )


def test_the_tables_hold_what_the_copy_holds(tmp_path: Path) -> None:
    (mine,) = lived(tmp_path)
    copy: Any = api.export_learner(number_of(mine))
    pieces = api.hand_out(number_of(mine), tables=True, actor=SYSTEM, now=moment())

    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as file:
        text = "".join(file.read(name).decode() for name in file.namelist())
        events = list(
            csv.DictReader(io.StringIO(file.read("signals-events.csv").decode("utf-8-sig")))
        )

    assert [what for what in KEPT if mine.say(what) not in text] == []
    assert [row["kind"] for row in events] == [row["kind"] for row in copy["signals"]["events"]]
    assert all(name.endswith(".csv") for name in file.namelist())


def test_the_pieces_of_a_copy_are_the_copy(tmp_path: Path) -> None:
    (mine,) = lived(tmp_path)
    number = number_of(mine)
    pieces = api.hand_out(number, tables=False, actor=SYSTEM, now=moment())
    whole = json.loads(b"".join(pieces))
    assert whole == json.loads(json.dumps(api.export_learner(number), default=str))


def test_a_long_table_is_read_while_it_is_handed_out_and_never_whole() -> None:
    read = []

    def rows() -> Iterator[dict[str, object]]:
        for number in range(20_000):
            read.append(number)
            yield {"number": number, "text": sha256(str(number).encode()).hexdigest()}

    for as_pieces in (copies.as_json, copies.as_zip):
        read.clear()
        pieces = as_pieces([("app", {"table": rows()})])
        first = next(pieces)
        assert 0 < len(first) < 4 * copies.BLOCK
        assert len(read) < 20_000
        rest = list(pieces)
        assert len(read) == 20_000
        assert max(len(piece) for piece in rest) < 4 * copies.BLOCK


def test_a_copy_of_nothing_is_one_still() -> None:
    assert json.loads(b"".join(copies.as_json([]))) == {}
    empty: Iterator[object] = iter(())
    assert json.loads(b"".join(copies.as_json([("app", {"table": empty})]))) == {
        "app": {"table": []}
    }


def test_a_copy_reads_the_key_of_a_day_once_however_much_was_refused() -> None:
    sent = [b'{"learner": "ada", "n": %d}' % n for n in range(30)]
    refused = [Refusal(n, "too_old", "x", raw) for n, raw in enumerate(sent)]
    quarantine.store(refused, source_id=pages_source(), now=moment())
    with CaptureQueriesContext(connections["keys"]) as asked:
        told = list(quarantine.about("ada"))
    assert [one["sent"] for one in told] == [raw.decode() for raw in sent]
    assert len(asked) == 1
