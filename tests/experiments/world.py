"""Experiments, flags and accounts for tests: plain functions that go through the lifecycle."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from experiments import lifecycle
from experiments.data import Plan
from experiments.guard import writing
from experiments.models import Experiment, Flag, Snapshot
from experiments.stats.bucketing import in_share
from signals import sealing
from signals.data import Actor, ActorKind
from signals.models import Account, Learner
from tests.experiments.plans import plan

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
UMA = Actor(kind=ActorKind.STAFF, name="uma", roles=frozenset({"analyst"}))
ROOT = Actor(kind=ActorKind.STAFF, name="root", roles=frozenset({"admin"}))
VERA = Actor(kind=ActorKind.STAFF, name="vera", roles=frozenset({"analyst"}))  # approves plans
CLEO = Actor(kind=ActorKind.STAFF, name="cleo", roles=frozenset({"creator"}))

_numbers = count(1)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def registered(**changes: Any) -> Plan:
    wanted = plan(**changes)
    lifecycle.create_draft(UMA, plan=wanted, now=START)
    lifecycle.register(UMA, key=wanted.key, now=START)
    return wanted


def approved(**changes: Any) -> Plan:
    wanted = registered(**changes)
    lifecycle.approve(VERA, key=wanted.key, reason="sound", now=START)
    return wanted


def started(now: datetime = START, **changes: Any) -> Plan:
    wanted = approved(**changes)
    lifecycle.start(UMA, key=wanted.key, now=now)
    return wanted


@contextmanager
def tampering() -> Iterator[None]:
    """Write as somebody who owns the tables and has taken the triggers away."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def look(*, number: int = 1, results: dict[str, Any], key: str = "short-first") -> None:
    """Keep a look as the analysis does, with results made up for a test: of a sound split."""
    sound = {"chi_square": 0.1, "degrees": 1, "p_value": 0.7}
    kept = {"split": sound, "loss": sound} | results
    experiment = Experiment.objects.get(key=key)
    with writing(key):
        Snapshot.objects.create(experiment=experiment, look=number, taken_at=START, results=kept)


def another(number: int) -> Plan:
    """The sound plan under another key and salt, as a second experiment beside it."""
    return replace(plan(), key=f"experiment-{number}", salt=f"experiment-{number}:1")


def start_another(number: int) -> Plan:
    wanted = another(number)
    return started(key=wanted.key, salt=wanted.salt)


def flag(name: str = "", **fields: Any) -> Flag:
    made = Flag(name=name or f"flag-{next(_numbers)}", **fields)
    made.save()
    return made


def outside_holdout(how_many: int, *, holdout_salt: str, share: float) -> list[int]:
    """The first learner ids that are not in the comparison group."""
    ids: list[int] = []
    for learner in count(1):
        if len(ids) == how_many:
            return ids
        if not in_share(unit=learner, salt=holdout_salt, share=share):
            ids.append(learner)
    raise AssertionError


def learner(number: int, *, kind: str = "real") -> Learner:
    made: Learner = Learner.objects.update_or_create(
        learner_id=number, defaults={"kind": kind, "created_at": START}
    )[0]
    return made


def enrol(request: pytest.FixtureRequest, numbers: Iterable[int]) -> None:
    """Make learners for a test that has a database; of who is no learner nothing is kept."""
    for name in ("transactional_db", "db"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
            Learner.objects.bulk_create(
                Learner(learner_id=number, created_at=START) for number in numbers
            )
            return


def account(*, learner_id: int | None = None, **fields: Any) -> Account:
    name = f"account-{next(_numbers)}"
    who = learner(learner_id) if learner_id is not None else None
    if learner_id is not None and not sealing.data_keys([learner_id]):
        sealing.create_keys([learner_id])  # names of accounts are sealed under it
    made: Account = get_user_model().objects.create_user(username=name, learner=who, **fields)
    return made
