"""No door lets a model serve all that is below popular courses or neighbours, or teaches less.

The doors are written down here; each is tried with what it is given on an ordinary day.
"""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from experiments import lifecycle
from experiments.data import ExperimentRefusedError
from personalize import api as personalize
from personalize.engine import registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.canary import tend_canary
from personalize.engine.configuration import arm
from personalize.engine.drift.retraining import retrain_for_drift
from personalize.engine.gates.registry import judge
from personalize.tasks import tend_canary as beat
from tests.experiments.test_lifecycle import effect
from tests.experiments.world import ROOT, UMA, day, look, started
from tests.factories import moment, root
from tests.personalize.engine.models import configured, promoted, settled
from tests.personalize.engine.test_gates import context

pytestmark = pytest.mark.django_db

KEY = "rule-of-three"
BELOW = {
    "beats_popularity": context(blend=0.2, neighbours=0.1),
    "beats_item_knn": context(blend=0.5, neighbours=0.6),
}
CHANGED = configured(revision=2)
Door = Callable[[Client], object]


def by_page(client: Client) -> None:
    answer = client.post("/tower/models/two/rollback/", {"reason": "it is newer"}, follow=True)
    assert "only a version that served before can return" in answer.content.decode()


def by_stopping_page(client: Client) -> None:
    answer = client.post("/tower/models/two/stop/", {"reason": "all should see it"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()


def by_admin(client: Client) -> None:
    address = "/admin/personalize/modelversion/two/"
    assert client.post(f"{address}change/", {"state": "live"}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403


def by_interface(_client: Client) -> None:
    with pytest.raises(ModelUnusable, match="served before"):
        personalize.rollback(ROOT, "two", reason="it is newer", now=moment())


def by_command(_client: Client) -> None:
    with pytest.raises(CommandError, match="served before"):
        call_command("rollback_model", "two")


def by_experiment(_client: Client) -> None:
    steps.ship_challenger(CHANGED.digest[:8], experiment=KEY, actor=ROOT, now=moment())


DOORS: dict[str, Door] = {
    "the page of models, going back to it": by_page,
    "the page of models, stopping it": by_stopping_page,
    "the pages of the administration": by_admin,
    "the interface of the tower": by_interface,
    "the command that goes back": by_command,
    "the guardrails of a canary": lambda _: steps.promote_canary(
        "two", (), says="It held.", now=moment()
    ),
    "the beat that tends canaries": lambda _: tend_canary(now=moment()),
    "the task of that beat": lambda _: beat(),
    "the retraining for drift": lambda _: retrain_for_drift(now=moment()),
    "an experiment that ships it": by_experiment,
}


@pytest.fixture
def admin(client: Client) -> Client:
    """Return a browser in which an admin, and superuser, is signed in."""
    account = root().account
    account.is_superuser = True
    account.save()
    client.force_login(account)
    return client


def states() -> dict[str, str]:
    return {row.version: row.state for row in registry.versions()}


@pytest.mark.parametrize("gate", BELOW)
def test_a_model_below_the_simple_lists_is_refused_with_evidence_whatever_it_is(
    gate: str, admin: Client
) -> None:
    findings = judge(BELOW[gate])
    promoted("one", now=moment(days=3))
    refresh = settled("two", *findings, now=moment(days=2))
    change = settled("three", *findings, now=moment(days=1), configuration=CHANGED)
    assert (refresh.state, change.state) == ("refused", "refused")
    (found,) = (one for one in refresh.findings if not one.passed)
    assert (found.gate, found.evidence != {}) == (gate, True)
    page = admin.get("/tower/models/", {"version": "two"}).content.decode()
    assert found.detail in page.replace("&#x27;", "'")


def test_even_the_first_model_is_refused_below_popular_courses() -> None:
    assert settled("one", *judge(BELOW["beats_popularity"]), now=moment()).state == "refused"
    assert registry.live_version() is None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("configuration", [configured(), CHANGED], ids=["refresh", "change"])
def test_no_door_lets_a_refused_model_serve(
    door: str, configuration: object, admin: Client
) -> None:
    promoted("one", now=moment(days=3))
    findings = judge(BELOW["beats_item_knn"])
    settled("two", *findings, now=moment(days=2), configuration=configuration)
    DOORS[door](admin)
    assert states() == {"one": "live", "two": "refused"}


def less_is_learned() -> None:
    """Let an experiment compare a changed model that more is clicked with and less is learned."""
    promoted("one", now=moment(days=3))
    settled("two", now=moment(days=2), configuration=CHANGED)
    arms = (arm(configured().digest), arm(CHANGED.digest))
    started(key=KEY, salt=f"{KEY}:1", variants=arms)
    effects = [effect("ctr", 0.1, 0.3), effect("modules_completed", -0.3, -0.1)]
    look(key=KEY, results={"trustworthy": True, "effects": effects})
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))


def test_a_model_that_less_is_learned_with_is_not_shipped_and_the_reason_is_said() -> None:
    less_is_learned()
    with pytest.raises(ExperimentRefusedError, match="cannot rule out that"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="clicks", now=day(29))
    assert states() == {"one": "live", "two": "challenger"}


@pytest.mark.parametrize("door", [door for door in DOORS if door != "an experiment that ships it"])
def test_no_other_door_lets_it_serve_all_either(door: str, admin: Client) -> None:
    promoted("one", now=moment(days=3))
    settled("two", now=moment(days=2), configuration=CHANGED)
    DOORS[door](admin)
    assert states() == {"one": "live", "two": "challenger"}
