"""A hidden course is in no learner's next list within two seconds, whichever worker answers."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from experiments.assignment import in_holdout
from personalize import api, local
from personalize.data import Change, NewOverride
from personalize.decision import changes
from signals import api as signals
from signals.data import SYSTEM
from tests.factories import moment, new_key
from tests.personalize.shop import Shop, learner

LIMIT_S = 2.0
WATCHED_S = 4.0
READY_S = 60.0


def environment(tmp_path: Path) -> dict[str, str]:
    urls = {**local.urls(), **{k: v for k, v in os.environ.items() if k in local.urls()}}
    for variable, alias, name in (
        ("DATABASE_URL", "default", "northway"),
        ("KEYS_URL", "keys", "northway_keys"),
    ):
        own = str(connections[alias].settings_dict["NAME"])
        urls[variable] = urls[variable].replace(f"/{name}?", f"/{own}?")
    return {
        **os.environ,
        **urls,
        "NORTHWAY_DEBUG": "1",
        "MODELS_DIR": str(tmp_path / "models"),
        "SNAPSHOT_DIR": str(tmp_path / "snapshot"),
    }


@contextmanager
def two_workers(tmp_path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "personalize.wsgi:application"]
    command += ["--workers", "2", "--threads", "2", "--worker-class", "personalize.web.Worker"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    process = subprocess.Popen(command, env=environment(tmp_path))  # noqa: S603  our own server
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, key: str, name: str) -> dict[str, Any]:
    """Ask on a connection of its own, so that either worker may answer."""
    path = f"/personalize/v1/recommendations?learner={name}&surface=home"
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    return answer


def first_list(port: int, key: str, name: str) -> dict[str, Any]:
    until = monotonic() + READY_S
    while monotonic() < until:
        try:
            answer = ask(port, key, name)
        except OSError:
            continue
        if answer["source"] == "model":
            return answer
    pytest.fail("no list of the model came from the web server")


def outside_the_comparison_group(shop: Shop) -> str:
    """Make a learner whom the model may serve: ids are random, and one in twenty is compared."""
    names = (f"ada-{n}" for n in count())
    return next(
        name for name in names if not in_holdout(learner(name, enrolled=shop.field("Data")[:4]))
    )


def shown(answer: dict[str, Any]) -> set[str]:
    return {item["course"] for item in answer["items"]}


@pytest.mark.prove  # by the clock: on a busy machine it says more about that
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_hidden_course_is_gone_from_every_worker_within_two_seconds(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shop: Shop = request.getfixturevalue("trained")
    name = outside_the_comparison_group(shop)
    key = new_key("lms", "recommend")
    with two_workers(tmp_path) as port:
        hidden = first_list(port, key, name)["items"][0]["course"]
        seen = [hidden in shown(ask(port, key, name)) for _ in range(20)]
        by_id = {course.external_id: course.course_id for course in shop.courses}
        api.create_override(
            SYSTEM,
            NewOverride(
                course_id=by_id[hidden],
                change=Change.HIDE,
                reason="Quality review",
                starts_at=moment(minutes=1),
                ends_at=moment() + timedelta(days=7),
            ),
            now=moment(),
        )
        hidden_at = last_seen = monotonic()
        while monotonic() < hidden_at + WATCHED_S:
            if hidden in shown(ask(port, key, name)):
                last_seen = monotonic()
    assert any(seen)
    assert last_seen - hidden_at < LIMIT_S


def changed(course_id: int, **when: datetime) -> NewOverride:
    return NewOverride(
        course_id=course_id,
        change=Change.PIN,
        reason="Fair",
        starts_at=moment(minutes=1),
        ends_at=when.get("ends_at", moment() + timedelta(days=7)),
    )


def until_all_say(port: int, key: str, name: str, course: str, *, first: bool) -> float:
    """Return after how many seconds no answer said otherwise any more."""
    began = last_other = monotonic()
    while monotonic() < began + WATCHED_S:
        if (ask(port, key, name)["items"][0]["course"] == course) is not first:
            last_other = monotonic()
    return last_other - began


@pytest.mark.prove  # by the clock: on a busy machine it says more about that
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_pin_comes_goes_when_undone_and_ends_by_itself_in_every_worker(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shop: Shop = request.getfixturevalue("trained")
    name = outside_the_comparison_group(shop)
    key = new_key("lms", "recommend")
    course = shop.field("Craft")[3]
    with two_workers(tmp_path) as port:
        first_list(port, key, name)
        row = api.create_override(SYSTEM, changed(course.course_id), now=moment())
        came = until_all_say(port, key, name, course.external_id, first=True)
        api.undo_override(SYSTEM, row.override_id, now=moment())
        went = until_all_say(port, key, name, course.external_id, first=False)
        # It ends while nobody does anything, and nothing runs but the workers.
        end = timezone.now() + timedelta(seconds=WATCHED_S)
        api.create_override(SYSTEM, changed(course.course_id, ends_at=end), now=moment())
        until_all_say(port, key, name, course.external_id, first=True)
        ended = until_all_say(port, key, name, course.external_id, first=False)
    assert max(came, went) < LIMIT_S
    assert ended < LIMIT_S
    changes.enter_ends(now=timezone.now() + timedelta(seconds=WATCHED_S))
    told = [row.action for row in signals.ledger_rows(subject=f"course:{course.course_id}")]
    assert told == ["override.ended", "override.pin", "override.undone", "override.pin"]
