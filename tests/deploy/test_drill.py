"""The drill: a backup, then life goes on, then everything is lost, and comes back as it should."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.deploy.running import Deployed, deployed

pytestmark = [pytest.mark.prove, pytest.mark.slow]
COUNTED = ("signals_learner", "signals_identity", "signals_event", "signals_ledgerentry")
LIVED = """
from datetime import timedelta
from signals import api
from signals.clock import now
from signals.data import SYSTEM
from django.core.management import call_command
from django.test import Client
import json, uuid
at = now()
key = api.create_key("lms", scopes=["capture"], days=3, actor=SYSTEM, now=at)
events = [{{"id": str(uuid.uuid4()), "kind": "search.performed", "learner": f"{{who}}", "value": 1,
  "occurred_at": (at - timedelta(minutes=n + 1)).isoformat(), "context": {{"query": "bread"}}}}
  for who in {people!r} for n in range(5)]
answer = Client().post("/signals/v1/batch", json.dumps({{"batch": events}}), "application/json",
  headers={{"Authorization": f"Bearer {{key}}", "Host": "learn.example.org"}}, secure=True)
assert answer.json()["accepted"] == len(events), answer.content
call_command("roll_up"); call_command("derive_sessions"); call_command("derive_features")
"""
ERASED = """
from signals import api
from signals.clock import now
from signals.data import SYSTEM
found = api.find_learner("{who}")
assert found is not None
told = api.erase_learner(found, actor=SYSTEM, now=now())
print("waiting", told["waiting"])
"""
LEFT = """
from signals import api
from signals.models import DataKey, ErasedLearner, Event, Learner, Tombstone
from signals import aggregates
print([api.find_learner(who) is not None for who in {people!r}], Learner.objects.count(),
  DataKey.objects.count(), Event.objects.count(), ErasedLearner.objects.count())
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a folder whose sockets have short names."""
    short = Path(f"/tmp/nw-d{os.getpid()}")  # noqa: S108  of this test alone
    short.mkdir(mode=0o755)
    yield short
    shutil.rmtree(short, ignore_errors=True)


def shell(here: Deployed, text: str, **named: object) -> str:
    return here.run("python", "manage.py", "shell", "--no-imports", "-c", text.format(**named))


def counts(here: Deployed) -> dict[str, int]:
    asked = {table: here.asked(f"SELECT count(*) FROM {table}") for table in COUNTED}  # noqa: S608  our tables
    return {table: int(str(rows[0][0])) for table, rows in asked.items()}


def emptied(here: Deployed, *names: str) -> None:
    """Lose databases: new and empty ones stand in their place."""
    url = here.urls["DATABASE_URL"].replace("/northway?", "/postgres?")
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())


@pytest.mark.parametrize("keys_lost", [False, True])
def test_what_comes_back_equals_a_recount_and_the_erased_stay_erased(
    place: Path, keys_lost: bool
) -> None:
    with deployed(place) as here:
        here.run("python", "manage.py", "release")
        shell(here, LIVED, people=["ada", "ben", "cold"])
        here.run("python", "manage.py", "anchor_ledger")
        before = counts(here)
        here.run("python", "manage.py", "backup", str(place / "backups"))
        [made] = (place / "backups").iterdir()

        assert "waiting []" in shell(here, ERASED, who="ben")
        shell(here, LIVED, people=["dora"])  # after the backup: lost with the database
        here.run("python", "manage.py", "backup_keys", str(place / "keys"))
        [keys] = (place / "keys").iterdir()
        here.run("python", "manage.py", "anchor_ledger")

        emptied(here, "northway", *(["northway_keys"] if keys_lost else []))
        shutil.rmtree(place / "srv" / "northway" / "models", ignore_errors=True)
        words = ["--keys", str(keys)] if keys_lost else []
        said = here.run(
            "python", "manage.py", "restore", str(made), *words, "--reason", "The drill"
        )
        assert "1 learners erased again" in said

        people = ["ada", "ben", "cold", "dora"]
        left = shell(here, LEFT, people=people).strip().splitlines()[-1]
        known, _, numbers = left.partition("]")
        assert known == "[True, False, True, False"
        learners, _keys, events, erased = map(int, numbers.split())
        assert (learners, erased) == (2, 1)
        assert events == before["signals_event"] - 5  # those of ben
        after = counts(here)
        assert after["signals_identity"] == before["signals_identity"] - 1
        here.run("python", "manage.py", "verify_ledger")

        once_more = here.run("python", "manage.py", "replay_tombstones")
        assert "0 learners erased again" in once_more
