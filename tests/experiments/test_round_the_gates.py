"""Does any way lead round the gates? Every attempt of the list, by every door, in every role."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import IntegrityError, transaction

from experiments.data import ExperimentRefusedError
from tests.experiments.attempts import Attempt, attempts, build, written
from tests.experiments.world import tampering

DOORS = {"page", "REST", "admin", "API", "command", "ORM", "SQL"}
REFUSED = (ExperimentRefusedError, IntegrityError, CommandError)


def through(all_tried: Iterable[Attempt]) -> list[str]:
    """Try each, take back what it left behind, and return which left anything."""
    before = written()
    return [tried.name for tried in all_tried if got_through(tried, before)]


def got_through(tried: Attempt, before: object) -> bool:
    with transaction.atomic():
        try:
            with transaction.atomic():
                tried.act()
        except REFUSED:
            pass
        through = written() != before
        transaction.set_rollback(True)
    return through


def test_the_list_is_long_and_names_every_door(tmp_path: Path) -> None:
    names = [one.name for one in attempts(tmp_path)]
    assert len(set(names)) == len(names) >= 200
    assert {name.split(",")[0] for name in names} == DOORS


@pytest.mark.slow
def test_no_attempt_gets_round_the_gates(db: None, tmp_path: Path) -> None:
    build()
    assert through(attempts(tmp_path)) == []


def named(folder: Path, words: str) -> list[Attempt]:
    return [one for one in attempts(folder) if words in one.name]


def test_the_list_would_notice_gates_that_are_not_asked(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr("experiments.lifecycle.check_all", lambda context: ())
    tried = named(tmp_path, "start what a gate refuses")
    assert len(tried) == 3
    assert len(through(tried)) == len(tried)


def test_the_list_would_notice_a_database_that_lets_everybody_write(
    db: None, tmp_path: Path
) -> None:
    build()
    tried = named(tmp_path, "ORM, developer: update ")
    assert len(tried) == 4
    with tampering():
        assert len(through(tried)) == len(tried)


def test_the_list_would_notice_an_approval_by_the_author(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr("experiments.lifecycle.permit_approval", lambda *_, **__: None)
    (tried,) = named(tmp_path, "API, author: approve the own plan")
    assert through([tried]) == []  # the database holds it too
    with tampering():
        assert through([tried]) == [tried.name]
