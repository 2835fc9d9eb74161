"""Experiments, flags and accounts for tests: plain functions that go through the lifecycle."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from experiments import lifecycle
from experiments.data import Plan
from experiments.models import Flag
from experiments.stats.bucketing import in_share
from signals.data import Actor, ActorKind
from signals.models import Account, Learner
from tests.experiments.plans import plan

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
UMA = Actor(kind=ActorKind.STAFF, name="uma", roles=frozenset({"analyst"}))
ROOT = Actor(kind=ActorKind.STAFF, name="root", roles=frozenset({"admin"}))
CLEO = Actor(kind=ActorKind.STAFF, name="cleo", roles=frozenset({"creator"}))

_numbers = count(1)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def registered(**changes: Any) -> Plan:
    wanted = plan(**changes)
    lifecycle.create_draft(UMA, plan=wanted, now=START)
    lifecycle.register(UMA, key=wanted.key, now=START)
    return wanted


def started(**changes: Any) -> Plan:
    wanted = registered(**changes)
    lifecycle.start(UMA, key=wanted.key, now=START)
    return wanted


def another(number: int) -> Plan:
    """The sound plan under another key and salt, as a second experiment beside it."""
    return replace(plan(), key=f"experiment-{number}", salt=f"experiment-{number}:1")


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
    made: Learner = Learner.objects.create(learner_id=number, kind=kind, created_at=START)
    return made


def account(*, learner_id: int | None = None, **fields: Any) -> Account:
    name = f"account-{next(_numbers)}"
    who = learner(learner_id) if learner_id is not None else None
    made: Account = get_user_model().objects.create_user(username=name, learner=who, **fields)
    return made
