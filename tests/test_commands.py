"""Every command of the product writes what came of it as JSON where it is asked to."""

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import (
    CommandError,
    call_command,
    get_commands,
    load_command_class,
)
from django.db import connection

from signals import api
from tests.factories import moment, new_learner

APPS = {"signals", "experiments", "personalize", "controltower"}
OURS = sorted(name for name, app in get_commands().items() if app in APPS)


@pytest.mark.parametrize("name", OURS)
def test_every_command_takes_a_file_for_its_report(name: str) -> None:
    parser = load_command_class(str(get_commands()[name]), name).create_parser("manage.py", name)
    assert "--json" in parser.format_help()


def report(out: Path, name: str, *words: str) -> dict[str, Any]:
    call_command(name, *words, "--json", str(out), stdout=StringIO())
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("derive_demand", {"terms"}),
        ("derive_features", {"learners"}),
        ("derive_sessions", {"learners"}),
        ("judge_quality", {"learners"}),
        ("count_quality", {"cells"}),
        ("roll_up", {"rows"}),
    ],
)
def test_a_conductor_reports_how_much_there_was(
    db: None, tmp_path: Path, name: str, counted: set[str]
) -> None:
    told = report(tmp_path / "out.json", name)
    assert told.keys() == counted
    assert all(isinstance(count, int) for count in told.values())


def test_a_purge_reports_what_went(db: None, tmp_path: Path) -> None:
    assert all(count == 0 for count in report(tmp_path / "out.json", "purge_expired").values())


def test_switches_taken_over_are_reported(db: None, tmp_path: Path) -> None:
    new_learner("ada")
    told = report(tmp_path / "out.json", "set_consent", "ada", "--purpose=fine_grained", "--on")
    assert told == {"purpose": "fine_grained", "granted": True, "learners": 1}


def test_the_first_experiments_state_is_reported(db: None, tmp_path: Path) -> None:
    assert report(tmp_path / "out.json", "ensure_experiments")["state"] == "running"


def test_a_key_is_written_for_nobody_else_to_read(db: None, tmp_path: Path) -> None:
    out = tmp_path / "key.json"
    told = report(out, "create_key", "lms", "--scopes", "capture")
    assert api.authenticate(told["key"], scope="capture", now=moment()) is not None
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_ledger_that_holds_is_reported_with_its_length(db: None, tmp_path: Path) -> None:
    report(tmp_path / "key.json", "create_key", "lms")
    assert report(tmp_path / "out.json", "verify_ledger") == {
        "holds": True,
        "entries": 1,
        "anchors": 0,
    }


def test_a_broken_ledger_fails_and_says_where(db: None, tmp_path: Path) -> None:
    report(tmp_path / "key.json", "create_key", "lms")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE signals_ledgerentry SET actor = 'staff:eve'")
    out = tmp_path / "out.json"
    with pytest.raises(CommandError, match="broken at entry 1"):
        report(out, "verify_ledger")
    assert json.loads(out.read_text(encoding="utf-8")) == {"holds": False, "broken_at": 1}
