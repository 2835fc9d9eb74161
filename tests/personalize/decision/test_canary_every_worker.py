"""A canary that breaks a guardrail is gone within five seconds: on pages, over REST, in Celery."""

import re
from contextlib import closing
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from time import monotonic
from uuid import UUID

import msgspec
import pytest
from django.conf import settings
from django.test import Client

from experiments.assignment import in_holdout
from personalize import api
from personalize.data import Source
from personalize.engine import artifacts, registry
from personalize.engine.canary import Ended, tend_canary
from personalize.engine.live import Pointer
from personalize.engine.serving import in_canary
from personalize.models import ModelVersion
from signals.models import Account
from tests.factories import moment, new_key
from tests.personalize.decision.test_every_worker import ask, two_workers
from tests.personalize.decision.test_rollback_every_worker import (
    by_celery,
    ready,
    two_celery_workers,
)
from tests.personalize.decision.told import tell_model
from tests.personalize.engine.lists import drawn_or_not, had
from tests.personalize.shop import Shop, learner, train

LIMIT_S = 5.0
WATCHED_S = 6.0
LOGGED_S = 3.0
POINTER = Pointer(version="v1", canary="v2", share=registry.CANARY_SHARE)


def begins(shop: Shop, root: Path) -> None:
    """Let v1 be live and v2 its canary for ten minutes, in the rows and for every process."""
    train(shop, root, version="v2")
    for version, state in (("v1", "live"), ("v2", "canary")):
        ModelVersion(
            version=version,
            state=state,
            trained_at=moment(hours=1),
            card=msgspec.to_builtins(artifacts.read_card(root, version)),
            configuration="one and the same",
            canary_since=moment(minutes=10),
        ).save(force_insert=True)
    registry.follow_rows(now=moment())


def of_the_canary(shop: Shop) -> tuple[str, int]:
    """Make a learner who sees the canary, and is in no comparison group."""
    for number in count():
        name = f"ada-{number}"
        learner_id = learner(name, enrolled=shop.field("Data")[:4])
        if in_canary(learner_id, POINTER) and not in_holdout(learner_id):
            return name, learner_id
    raise AssertionError


def by_page(port: int, session: str) -> str:
    """Return which model made the list on the learner's own page, as the log has it."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        connection.request("GET", "/home/", headers=headers)
        answer = connection.getresponse()
        page = answer.read().decode()
    assert answer.status == 200
    told = re.search(r"\?from=([0-9a-f-]{36})", page)
    assert told is not None, "the page names no list"
    until = monotonic() + LOGGED_S
    while monotonic() < until:
        logged = api.decision(UUID(told[1]))
        if logged is not None:
            return str(logged.model)
    pytest.fail("the list of the page is not in the log")


@pytest.mark.prove
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_canary_that_breaks_is_gone_from_every_worker_within_five_seconds(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop: Shop = request.getfixturevalue("trained")
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.05)  # as the workers have it
    begins(shop, tmp_path / "models")
    name, learner_id = of_the_canary(shop)
    key, browser = new_key("lms", "recommend"), Client()
    browser.force_login(Account.objects.create_user(name, learner_id=learner_id))
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value

    def told() -> str:
        return by_celery(tmp_path, learner_id, asked=tell_model.name)

    with two_workers(tmp_path) as port, two_celery_workers(tmp_path):
        ready(port, key, name, told)
        for _ in range(6):
            answer = ask(port, key, name)
            assert (answer["source"], answer["model"]) == ("model", "v2")
            assert by_page(port, session) == "v2"
            assert told() == "v2"
        at = moment(minutes=5)
        had(drawn_or_not(60, POINTER, drawn=True), "v2", at=at, source=Source.LAST_GOOD)
        had(drawn_or_not(60, POINTER, drawn=False)[:1], "v1", at=at, source=Source.LAST_GOOD)
        had(drawn_or_not(60, POINTER, drawn=False), "v1", at=at)
        had(drawn_or_not(10, POINTER, drawn=True), "v2", at=at)
        assert tend_canary(now=moment()).ended is Ended.STOPPED
        stopped = monotonic()
        last = dict.fromkeys(("rest", "page", "celery"), 0.0)
        while (after := monotonic() - stopped) < WATCHED_S:
            answer = ask(port, key, name)
            assert answer["source"] == "model"  # nobody goes without an answer meanwhile
            if answer["model"] != "v1":
                last["rest"] = after
            if by_page(port, session) != "v1":
                last["page"] = after
            if told() != "v1":
                last["celery"] = after
    print({door: f"{seconds:.2f} s" for door, seconds in last.items()})  # noqa: T201
    assert max(last.values()) < LIMIT_S
