"""The page of models: what serves, why, and the way back with a reason."""

import json

import pytest
from django.test import Client
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize.data import GateFinding
from personalize.engine import registry
from personalize.engine.serving import serving
from signals import api as signals
from tests.factories import moment, root, uma
from tests.personalize.engine.models import promoted

PAGE = "/tower/models/"
MEASURED = {"blend": {"ndcg@10": 0.61, "hr@10": 0.82}, "als": {"ndcg@10": 0.5}}


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    """Return a browser in which an admin is signed in."""
    client.force_login(root().account)
    return client


def train(version: str, *, days_ago: int, passes: bool = True) -> None:
    """Train a model that everybody sees, or a gate refuses."""
    finding = GateFinding("coverage", passes, "Breadth", "Shows 40% of the courses.")
    promoted(version, finding, now=moment(days=days_ago), metrics=MEASURED)


def test_before_the_first_model_the_page_says_what_learners_see(admin: Client) -> None:
    text = admin.get(PAGE).content.decode()
    assert "No model is live" in text
    assert "No model has been trained yet." in text
    assert "Retrained by command only" in text


def test_versions_stand_with_their_metrics_and_the_live_one_with_its_evidence(
    admin: Client,
) -> None:
    train("one", days_ago=3)
    train("two", days_ago=2)
    train("three", days_ago=1, passes=False)
    answer = admin.get(PAGE)
    states = [(row.version, row.state) for row in answer.context["rows"]]
    assert states == [("three", "refused"), ("two", "live"), ("one", "retired")]
    text = answer.content.decode()
    assert "0.610" in text
    assert "Evidence for two" in text
    assert "Shows 40% of the courses." in text


def test_going_back_needs_a_reason_and_is_in_the_ledger(
    admin: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        train("one", days_ago=3)
        train("two", days_ago=2)
    assert "Put it back in service" in admin.get(PAGE, {"version": "one"}).content.decode()
    without = admin.post(f"{PAGE}one/rollback/", {"reason": "  "}, follow=True)
    assert "Nothing was changed" in without.content.decode()
    assert serving().version == "two"

    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(f"{PAGE}one/rollback/", {"reason": "Too narrow"}, follow=True)

    assert "one serves again" in answer.content.decode()
    assert serving().version == "one"
    entry = signals.ledger_rows(action_prefix="model.rolled_back")[0]
    assert (entry.actor, entry.detail["reason"]) == ("staff:root", "Too narrow")


def test_a_version_that_never_served_cannot_be_put_in_service(admin: Client) -> None:
    train("one", days_ago=3)
    train("bad", days_ago=2, passes=False)
    answer = admin.post(f"{PAGE}bad/rollback/", {"reason": "Try"}, follow=True)
    assert "only a version that served before can return" in answer.content.decode()
    assert [row.version for row in registry.versions() if row.state == "live"] == ["one"]


def test_an_analyst_reads_the_evidence_and_has_no_way_back(client: Client, db: None) -> None:
    client.force_login(uma().account)
    train("one", days_ago=3)
    train("two", days_ago=2)
    text = client.get(PAGE, {"version": "one"}).content.decode()
    assert "Evidence for one" in text
    assert "Put it back in service" not in text


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"minute": "30", "hour": "2"}, "Retrained each night at 02:30 UTC"),
        ({"minute": "0", "hour": "*/6"}, "Retrained by the schedule “Retrain”"),
    ],
)
def test_the_page_says_when_the_schedule_trains(
    admin: Client, when: dict[str, str], words: str
) -> None:
    crontab = CrontabSchedule.objects.create(**when)
    PeriodicTask.objects.create(
        name="Retrain", task="personalize.tasks.retrain", crontab=crontab, args=json.dumps([])
    )
    assert words in admin.get(PAGE).content.decode()
