"""Make the accounts by which the demo shows the product to each of its audiences.

Local mode only: one password for all, printed. The learners behind the accounts are taken from
those who are there: whoever has done most in the arm that is to be shown.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from experiments import api as experiments
from experiments.data import FIRST_EXPERIMENT, HOLDOUT, TREATMENT
from personalize.experience.journey import BEGUN, noted_of
from personalize.experience.kept_paths import kept
from personalize.experience.noted import Noted
from personalize.experience.people import Learner
from personalize.experience.start import store
from personalize.experience.surfaces import SURFACES
from signals import api as signals
from signals import catalogue
from signals.api import Account
from signals.clock import now
from signals.data import SYSTEM, LearnerState, Purpose, Touch

PASSWORD = "northway-demo"  # noqa: S105  printed for everybody; this machine only
NEW_LEARNER = "demo-newcomer"
GOAL, GOAL_MINUTES = "data-analyst", 180  # what ada aims for, and her minutes a week
HALF_WAY = 60  # of them looked through for somebody in the middle of a course
LOOKED_AT = 400  # learners with the most history; one in twenty is in the holdout
STAFF = (
    ("cleo", "creator", "sees what learners search for and do not find"),
    ("uma", "analyst", "reads numbers and experiments, gives small boosts"),
    ("mia", "merchandiser", "moves courses up and down within limits"),
    ("eli", "experimenter", "plans, starts and reads experiments"),
    ("pia", "privacy", "reads the ledger and the numbers"),
    ("root", "admin", "may do everything, and Django's admin"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the demo prints it; `learner` is the platform's id of the learner."""

    name: str
    role: str
    about: str
    learner: str


class Command(BaseCommand):
    """Makes what is missing, and sets the common password on all of them."""

    help = "Make the demo's accounts, one for each audience (local mode only)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write."""
        parser.add_argument("--json", metavar="OUT", help="write names and password to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the accounts and print them."""
        if not settings.DEBUG:
            raise CommandError(
                "Demo accounts share a printed password: they need NORTHWAY_DEBUG=1."
            )
        password = make_password(PASSWORD)
        with transaction.atomic():
            people = [*_learners(password), *_staff(password)]
            _let_in_early(person.name for person in people if person.role == "learner")
        _aims(next((person for person in people if person.name == "ada"), None))
        for person in people:
            self.stdout.write(f"{person.name:6} {person.role:12} {person.about}")
        self.stdout.write(f"password: {PASSWORD}")
        if options["json"]:
            told = {"password": PASSWORD, "accounts": [asdict(person) for person in people]}
            Path(options["json"]).write_text(json.dumps(told, indent=1), encoding="utf-8")


# --- learners --------------------------------------------------------------------------------


def _learners(password: str) -> Iterator[Person]:
    kept = {
        account.username: account.learner_id
        for account in Account.objects.exclude(learner=None)
        if account.learner_id is not None
    }
    free = [one for one in _richest() if one not in kept.values()]
    ada = kept.get("ada") or _first(_half_way(free), TREATMENT) or _first(free, TREATMENT)
    hal = kept.get("hal") or _first(free, HOLDOUT)
    ben = kept.get("ben") or next((one for one in free if one not in (ada, hal)), None)
    cold = signals.ensure_learner(NEW_LEARNER, now=now())
    about = {
        "ada": (ada, "a rich history, and the model's picks"),
        "hal": (hal, "in the comparison group: the generic list"),
        "ben": (ben, "switched personalization off"),
        "cold": (cold, "new here, no signals yet"),
    }
    for name, (learner_id, text) in about.items():
        if learner_id is None:
            continue
        account = _account(name, password)
        account.learner_id = learner_id
        account.save(update_fields=["learner"])
        yield Person(name, "learner", text, signals.external_id(learner_id) or "")
    if ben is not None and signals.allowed(ben).personalization:
        signals.set_consent(
            ben,
            purpose=Purpose.PERSONALIZATION,
            granted=False,
            via="demo",
            actor=SYSTEM,
            now=now(),
        )


def _richest() -> list[int]:
    """Return the learners with the most choices in their history, the most first."""
    learners, counts = np.unique(signals.training_rows().learner_ids, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:LOOKED_AT]
    return [int(learner_id) for learner_id in learners[order]]


def _half_way(learners: list[int]) -> list[int]:
    """Return the learners of these who are in the middle of a course, by what they did last."""
    states = ((one, signals.learner_state(one, now=now())) for one in learners[:HALF_WAY])
    return [one for one, state in states if state is not None and _begun(state)]


def _begun(state: LearnerState) -> bool:
    return bool(state.touches.size) and Touch(state.touches[-1]) in BEGUN


def _aims(ada: Person | None) -> None:
    """Let ada have answered the questions of the start, where the occupation is known."""
    learner_id = signals.find_learner(ada.learner) if ada else None
    if ada is None or learner_id is None or catalogue.occupation(GOAL) is None:
        return
    learner = Learner(learner_id, ada.name)
    told = noted_of(learner)
    if told == Noted() and store(
        learner, before=told, now_said=Noted(role=GOAL, minutes=GOAL_MINUTES)
    ):
        kept(learner, now=now())


def _first(learners: list[int], arm: str) -> int | None:
    """Return the first learner who is, or on their first visit will be, in an arm."""
    return next((one for one in learners if _arm(one) == arm), None)


def _arm(learner_id: int) -> str | None:
    # Read only: who is assigned here would count as having seen a list that nobody showed.
    return experiments.expected_arm(learner_id, experiment=FIRST_EXPERIMENT)


def _let_in_early(names: Iterable[str]) -> None:
    """Open every surface to these accounts: a tenth of the learners would rarely be one of them."""
    accounts = Account.objects.filter(username__in=list(names))
    for surface in SURFACES.values():
        experiments.list_on_flag(surface.early, accounts=accounts.values_list("pk", flat=True))


# --- staff -----------------------------------------------------------------------------------


def _staff(password: str) -> Iterator[Person]:
    for name, role, text in STAFF:
        account = _account(name, password)
        account.groups.set([Group.objects.get_or_create(name=role)[0]])
        account.is_staff = account.is_superuser = role == "admin"
        account.save(update_fields=["is_staff", "is_superuser"])
        yield Person(name, role, text, "")


def _account(name: str, password: str) -> Account:
    account, _ = Account.objects.update_or_create(
        username=name,
        defaults={
            "password": password,
            "first_name": name.capitalize(),
            "email": f"{name}@demo.invalid",
        },
    )
    return account
