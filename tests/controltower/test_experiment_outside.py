"""Who takes no part: a share of a surface held back, and a learner left out, by page."""

from typing import Any

import pytest
from django.test import Client

from experiments.models import Assignment, Exclusion, Experiment, SurfaceHoldout
from signals import api as signals
from tests.experiments.plans import SOUND
from tests.experiments.world import day, started
from tests.factories import new_learner, uma

KEY = SOUND.key
PAGE, OF_ONE = "/tower/experiments/outside/", f"/tower/experiments/{KEY}/"
HELD = {"do": "holdout", "surface": "home", "percent": "10", "reason": "To measure all of them"}
LEFT = {"do": "exclude", "learner": "u-17", "experiment": "", "code": "test", "note": "Ours"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def test_a_share_of_a_surface_is_held_back_with_a_reason(page: Client) -> None:
    assert page.post(PAGE, HELD).status_code == 302
    assert SurfaceHoldout.objects.get(surface="home").share == 0.1
    entry = signals.ledger_rows(action_prefix="experiment.holdout")[0]
    assert (entry.actor, entry.detail["reason"]) == ("staff:uma", HELD["reason"])
    assert page.get(PAGE).context["surfaces"][0][2] == 0.1


def test_nobody_is_moved_out_of_an_open_experiment(page: Client) -> None:
    started()
    answer = page.post(PAGE, HELD)
    assert answer.status_code == 409
    assert "Stop it first: its learners would be moved." in answer.content.decode()
    assert not SurfaceHoldout.objects.exists()


@pytest.mark.parametrize("percent", ["", "25", "-1"])
def test_a_share_that_is_too_large_or_none_is_refused(page: Client, percent: str) -> None:
    assert page.post(PAGE, {**HELD, "percent": percent}).status_code in {200, 409}
    assert not SurfaceHoldout.objects.exists()


def test_a_learner_is_left_out_by_the_id_of_the_platform(page: Client) -> None:
    learner = new_learner("u-17")
    assert page.post(PAGE, LEFT).status_code == 302
    row = Exclusion.objects.get()
    assert (row.learner_id, row.reason, row.experiment_key) == (learner, "test", "")
    reasons = {code: count for code, _, count in page.get(PAGE).context["reasons"]}
    assert reasons["test"] == "fewer than 10"


def test_whether_there_is_such_a_learner_is_not_told(page: Client) -> None:
    told = []
    started()
    new_learner("u-17")
    shown(new_learner("u-18"))
    for who in ("u-17", "u-18", "u-19"):
        answer = page.post(PAGE, {**LEFT, "learner": who, "experiment": KEY}, follow=True)
        told.append((answer.redirect_chain, answer.content.decode().replace(token(answer), "")))
    assert told[0] == told[1] == told[2]
    assert Exclusion.objects.count() == 1
    assert "left" not in str([one.did for one in page.get(OF_ONE).context["log"]])


def shown(learner_id: int) -> None:
    """Let a learner see an arm."""
    experiment = Experiment.objects.get(key=KEY)
    Assignment.objects.create(
        experiment=experiment, learner_id=learner_id, variant="model", assigned_at=day(1)
    )


def token(answer: Any) -> str:
    return str(answer.context["csrf_token"])


@pytest.mark.parametrize("wrong", [{"experiment": "none"}, {"code": "nobody"}, {"note": " "}])
@pytest.mark.parametrize("who", ["u-17", "u-19"])
def test_what_is_wrong_with_the_asking_is_told_of_everybody(
    page: Client, who: str, wrong: dict[str, str]
) -> None:
    new_learner("u-17")
    answer = page.post(PAGE, {**LEFT, "learner": who, **wrong})
    assert answer.context["exclude"].errors
    assert not Exclusion.objects.exists()


def test_without_a_note_nobody_is_left_out(page: Client) -> None:
    new_learner("u-17")
    answer = page.post(PAGE, {**LEFT, "note": ""})
    assert answer.status_code == 200
    assert "note" in answer.context["exclude"].errors
    assert not Exclusion.objects.exists()
