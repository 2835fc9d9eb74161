"""A rolled-back experiment is over within five seconds: on pages, over REST and in Celery."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from experiments import api as experiments
from experiments.assignment import in_holdout
from experiments.data import FIRST_EXPERIMENT
from personalize.celery import app
from signals.data import SYSTEM
from signals.models import Account
from signals.request_ids import Arm, read_request_id
from tests.experiments.test_watch import Arms, measuring
from tests.factories import moment, new_key
from tests.personalize.decision.test_every_worker import (
    ask,
    environment,
    two_workers,
)
from tests.personalize.decision.told import tell_arm
from tests.personalize.shop import Shop, learner

LIMIT_S = 5.0
WATCHED_S = 6.0
READY_S = 180.0  # beside other work
WARM = 12  # answers in a row: both workers are among them
QUESTIONS = count()


@contextmanager
def two_celery_workers(tmp_path: Path) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "personalize", "worker"]
    command += ["-I", "tests.personalize.decision.told", "--concurrency", "2"]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "error"]
    process = subprocess.Popen(command, env=environment(tmp_path))  # noqa: S603  our own worker
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def by_celery(
    folder: Path, learner_id: int, *, within_s: float = 2.0, asked: str = tell_arm.name
) -> str:
    """Return what a worker of Celery says of a learner; nothing where none answers in time."""
    place = folder / f"told-{next(QUESTIONS)}"
    app.send_task(asked, [learner_id, str(place)])
    until = monotonic() + within_s
    while monotonic() < until:
        if place.exists():
            return place.read_text(encoding="utf-8")
    return ""


def by_page(port: int, session: str) -> Arm:
    """Return the arm the ids on the learner's own page tell."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        connection.request("GET", "/home/", headers=headers)
        page = connection.getresponse().read().decode()
    told = re.search(r"\?from=([0-9a-f-]{36})", page)
    assert told is not None, "the page names no list"
    return Arm(read_request_id(UUID(told[1]))[2])


def of_the_variant(shop: Shop) -> tuple[str, int]:
    """Make a learner who will see the variant: what is rolled back."""
    for number in count():
        name = f"ada-{number}"
        learner_id = learner(name, enrolled=shop.field("Data")[:4])
        arm = experiments.expected_arm(learner_id, experiment=FIRST_EXPERIMENT)
        if arm == "model" and not in_holdout(learner_id):
            return name, learner_id
    raise AssertionError


@pytest.mark.prove
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_rollback_is_in_force_in_every_worker_within_five_seconds(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop: Shop = request.getfixturevalue("trained")
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.05)  # as the workers have it
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=1))
    name, learner_id = of_the_variant(shop)
    key, browser = new_key("lms", "recommend"), Client()
    browser.force_login(Account.objects.create_user(name, learner_id=learner_id))
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value

    with two_workers(tmp_path) as port, two_celery_workers(tmp_path):
        ready(port, key, name, lambda: by_celery(tmp_path, learner_id))
        for _ in range(6):
            assert ask(port, key, name)["source"] == "model"
            assert by_page(port, session) is Arm.PERSONAL
            assert by_celery(tmp_path, learner_id) == "model True"
        measuring(monkeypatch, Arms(1.2, 0.9))
        (stopped,) = experiments.roll_back_harm(now=moment())
        assert stopped.key == FIRST_EXPERIMENT
        rolled_back = monotonic()
        last = dict.fromkeys(("rest", "page", "celery"), 0.0)
        while (after := monotonic() - rolled_back) < WATCHED_S:
            if ask(port, key, name)["source"] != "holdout":
                last["rest"] = after
            if by_page(port, session) is not Arm.GENERIC:
                last["page"] = after
            if by_celery(tmp_path, learner_id) != "generic False":
                last["celery"] = after
    print({door: f"{seconds:.2f} s" for door, seconds in last.items()})  # noqa: T201
    assert max(last.values()) < LIMIT_S


def ready(port: int, key: str, name: str, told: Callable[[], str]) -> None:
    """Wait until both web workers and Celery answer without having to warm up."""
    until, warm = monotonic() + READY_S, 0
    while monotonic() < until:
        try:
            warm = warm + 1 if ask(port, key, name)["source"] == "model" else 0
        except OSError:
            continue
        if warm >= WARM and told():
            return
    pytest.fail("no answer came from the web server and from Celery")
