"""The ledger: every change, found by what it is about, and whether the record is whole."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from controltower.views import ledger, ledger_words
from personalize.data import Change
from signals import api as signals
from signals.data import SYSTEM, Purpose
from tests.factories import moment, pia

PAGE = "/tower/ledger/"
# Functions that are given an action by place, and what actions that are made of parts may be.
HELPERS = frozenset({"_enter", "_move", "_note", "_promote", "erasure.append", "record"})
STEPS = ("approved", "refused", "undone", "withdrawn", "ended", "lapsed")
MADE = {
    "*.imported": ("catalogue", "history"),
    "brief.*": ("draft", "reviewed", "claimed", "published", "measured", "dropped"),
    "consent.*": (*Purpose, "gpc"),
    "metadata.*": ("accepted", "rejected", "undone"),
    "objectives.*": ("asked", "changed", *STEPS),
    "override.*": (*Change, *STEPS),
    "reminders.*": ("mail_on", "mail_off", "stopped"),
}


@pytest.fixture
def page(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a browser in which a privacy officer is signed in; pages hold few entries."""
    monkeypatch.setattr(ledger, "SHOWN", 5)
    client.force_login(pia().account)
    return client


def enter(n: int, *, action: str = "override.hide", subject: str = "course:1") -> None:
    for _ in range(n):
        signals.append_ledger(
            actor=SYSTEM, action=action, subject=subject, detail={"reason": "x"}, now=moment()
        )


def sequences(page: Client, **wanted: str) -> list[int]:
    return [entry.row.sequence for entry in page.get(PAGE, wanted).context["rows"]]


def test_entries_stand_newest_first_and_go_on_below(page: Client) -> None:
    enter(12)
    answer = page.get(PAGE)
    assert [entry.row.sequence for entry in answer.context["rows"]] == [12, 11, 10, 9, 8]
    older = page.get(PAGE + answer.context["older"])
    assert [entry.row.sequence for entry in older.context["rows"]] == [7, 6, 5, 4, 3]
    last = page.get(PAGE + older.context["older"])
    assert [entry.row.sequence for entry in last.context["rows"]] == [2, 1]
    assert last.context["older"] == ""


def test_entries_are_found_by_action_and_by_what_they_are_about(page: Client) -> None:
    enter(2)
    enter(1, action="model.promoted", subject="one")
    enter(1, subject="course:2")
    assert sequences(page, action="override") == [4, 2, 1]
    assert sequences(page, subject="course:2") == [4]
    assert sequences(page, action="override", subject="one") == []
    assert "No entry matches." in page.get(PAGE, {"subject": "nobody"}).content.decode()


def test_a_filter_stays_on_the_way_down(page: Client) -> None:
    enter(5)
    enter(3, action="model.promoted")
    enter(5)
    older = page.get(PAGE, {"action": "override"}).context["older"]
    rows = page.get(PAGE + older).context["rows"]
    assert {entry.row.action for entry in rows} == {"override.hide"}


def test_a_whole_chain_is_said_to_hold(page: Client) -> None:
    enter(3)
    assert "The chain holds: 3 entries checked." in page.get(PAGE).content.decode()


def test_a_changed_entry_is_named(page: Client) -> None:
    enter(3)
    with connection.cursor() as cursor:  # past the trigger that refuses it, as an intruder would
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE signals_ledgerentry SET subject = 'course:9' WHERE sequence = 2")
    answer = page.get(PAGE)
    assert answer.context["problem"].startswith("The ledger is broken at entry 2")
    assert "The chain is broken" in answer.content.decode()


def test_a_long_chain_is_checked_when_asked_for(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "CHECKED_AT_ONCE", 2)
    enter(3)
    answer = page.get(PAGE)
    assert answer.context["checked"] is None
    assert "Check the chain" in answer.content.decode()
    assert page.get(PAGE, {"check": "1"}).context["checked"] == 3


@pytest.mark.parametrize("before", ["0", "-3", "x", "99999999999999999999"])
def test_a_nonsensical_place_in_the_ledger_is_no_error(page: Client, before: str) -> None:
    enter(2)
    assert sequences(page, before=before) == [2, 1]


def test_words_stand_before_identifiers(page: Client) -> None:
    enter(1, action="model.promoted", subject="v7")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get(PAGE).content.decode()))
    assert "The product itself put a model in use v7 system:northway · model.promoted" in text


def test_every_action_that_may_be_entered_has_words() -> None:
    named: set[str] = set()
    made: set[str] = set()
    for source in sources():
        for one in actions_in(ast.parse(source)):
            (made if "*" in one else named).add(one)
    assert {"curated.placed", "experiment.started", "learner.erased", "override.asked"} <= named
    assert made == set(MADE)
    every = named | {one.replace("*", part) for one, parts in MADE.items() for part in parts}
    assert every - set(ledger_words.WORDS) == set()


def sources() -> Iterator[str]:
    top = Path(ledger.__file__).parents[2]
    for app in ("signals", "experiments", "personalize", "controltower"):
        texts = (path.read_text() for path in (top / app).rglob("*.py"))
        # Those alone that can hold one: to parse every file takes seconds.
        yield from (
            text for text in texts if any(f"{one}(" in text for one in HELPERS) or "action=" in text
        )


def actions_in(module: ast.Module) -> Iterator[str]:
    """Return actions of the ledger: given by name, or to a helper whose parameter is an action."""
    for node in ast.walk(module):
        for given in given_in(node):
            yield from texts_in(given)


def given_in(node: ast.AST) -> Sequence[ast.expr]:
    if isinstance(node, ast.keyword):
        return [node.value] if node.arg == "action" else []
    if isinstance(node, ast.Assign):
        return [node.value] if "action" in map(ast.unparse, node.targets) else []
    if isinstance(node, ast.Call):
        return node.args if ast.unparse(node.func) in HELPERS else []
    return []


def texts_in(node: ast.expr) -> Iterator[str]:
    """Return what a text may be; what is not known before it runs is a star."""
    if isinstance(node, ast.IfExp):
        yield from (*texts_in(node.body), *texts_in(node.orelse))
        return
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    said = "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts)
    if re.fullmatch(r"[a-z_*]+\.[a-z_*]+", said):
        yield said


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("staff:uma", "uma"),
        ("staff:", "not recorded"),
        ("learner:17", "A learner"),
        ("system:northway", "The product itself"),
        ("other", "other"),
    ],
)
def test_who_acted_is_a_name_or_what_they_are(actor: str, said: str) -> None:
    assert ledger_words.who(actor) == said
