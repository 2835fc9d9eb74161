"""The page of models: what serves, why, and the way back with a reason."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize.data import GateFinding
from personalize.engine import live, registry
from personalize.engine.canary import tend_canary
from personalize.engine.configuration import arm
from personalize.engine.serving import serving
from signals import api as signals
from tests.experiments.world import started
from tests.factories import moment, root, uma
from tests.personalize.engine.lists import drawn_or_not, had
from tests.personalize.engine.models import configured, promoted, settled

PAGE = "/tower/models/"
GATE = GateFinding("coverage", True, "Breadth", "Shows 40% of the courses.")  # noqa: FBT003
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


def test_where_a_version_was_fitted_is_told(admin: Client) -> None:
    promoted("one", now=moment(days=2))
    settled("two", now=moment(days=1), engine="spark")
    text = unescape(admin.get(PAGE).content.decode())
    assert text.count("fitted here") == text.count("Fitted here") == 1  # live, and its evidence
    assert text.count('<span class="tag">Spark</span>') == 1
    assert "Fitted on a cluster (Spark)" in admin.get(PAGE, {"version": "two"}).content.decode()


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


def a_canary(*, learners: int = 60) -> None:
    """Let one model be live, another its canary for half an hour, and read its guardrails."""
    settled("one", now=moment(days=1))
    settled("two", GATE, now=moment(minutes=30))
    pointer = live.Pointer(version="one", canary="two", share=0.1)
    had(drawn_or_not(learners, pointer, drawn=True), "two", at=moment(minutes=20))
    had(drawn_or_not(learners, pointer, drawn=False), "one", at=moment(minutes=20), took_ms=14.0)
    tend_canary(now=moment())


def test_a_canary_stands_with_its_share_its_time_and_its_guardrails(admin: Client) -> None:
    a_canary()
    text = admin.get(PAGE).content.decode()
    assert "two is seen by 10%" in text
    assert "60 learners have had a list of it." in text
    assert "0 h 30 min of 2 h" in text
    assert "1 of 1 passed" in text
    assert "14 ms with the live model" in text
    assert "It made no list for a learner who had objected." in text


def test_of_a_canary_few_have_seen_no_figure_is_shown(admin: Client) -> None:
    a_canary(learners=8)
    text = admin.get(PAGE).content.decode()
    assert "Fewer than 10 learners have had a list of it." in text
    assert "too few learners yet" in text
    assert "with the live model</dd>" not in text
    assert "Not judged" in text


def test_a_gate_that_found_nobody_to_compare_is_not_said_to_be_passed(admin: Client) -> None:
    for version, gaps in (("one", 0.0), ("two", 3.0)):
        finding = replace(GATE, gate="cohort_gaps", evidence={"gaps": gaps})
        settled(version, finding, now=moment())
        text = admin.get(PAGE, {"version": version}).content.decode()
        assert ("Not judged" in text) is (gaps == 0)


def test_an_admin_stops_a_canary_with_a_reason(admin: Client) -> None:
    a_canary()
    without = admin.post(f"{PAGE}two/stop/", {"reason": " "}, follow=True)
    assert "Nothing was changed" in without.content.decode()
    answer = admin.post(f"{PAGE}two/stop/", {"reason": "Odd lists"}, follow=True)
    assert "two is stopped" in answer.content.decode()
    assert [row.state for row in registry.versions()] == ["refused", "live"]
    entry = signals.ledger_rows(action_prefix="model.canary_stopped")[0]
    assert (entry.actor, entry.detail["reason"]) == ("staff:root", "Odd lists")
    again = admin.post(f"{PAGE}two/stop/", {"reason": "Odd lists"}, follow=True)
    assert "two is the canary no more" in again.content.decode()


def test_an_analyst_sees_the_canary_and_cannot_stop_it(client: Client, db: None) -> None:
    client.force_login(uma().account)
    a_canary()
    assert "Stop the canary" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}two/stop/", {"reason": "Odd lists"}).status_code == 403
    assert [row.state for row in registry.versions()] == ["canary", "live"]


def test_a_challenger_leads_to_the_plan_of_its_experiment(admin: Client) -> None:
    settled("one", now=moment(days=2))
    settled("two", now=moment(days=1), configuration=configured(revision=2))
    text = admin.get(PAGE).content.decode()
    assert "two challenges the live model" in text
    assert "The rules of training are of revision 2." in text
    plan = re.search(r'href="(/tower/experiments/new/\?[^"]+)"', text)
    assert plan is not None
    form = admin.get(unescape(plan[1])).content.decode()
    for name in (arm(configured().digest), arm(configured(revision=2).digest)):
        assert f'value="{name}"' in form


def test_a_challenger_under_comparison_leads_to_its_experiment(admin: Client) -> None:
    settled("one", now=moment(days=2))
    settled("two", now=moment(days=1), configuration=configured(revision=2))
    arms = (arm(configured().digest), arm(configured(revision=2).digest))
    started(key="both", salt="both:1", variants=arms)
    assert 'href="/tower/experiments/both/"' in admin.get(PAGE).content.decode()


def test_what_stopped_a_canary_stays_with_its_evidence(admin: Client) -> None:
    settled("one", now=moment(days=1))
    settled("two", GATE, now=moment(minutes=30))
    pointer = live.Pointer(version="one", canary="two", share=0.1)
    had(drawn_or_not(3, pointer, drawn=True), "one", at=moment(minutes=20))
    tend_canary(now=moment())
    text = admin.get(PAGE, {"version": "two"}).content.decode()
    assert "Guardrails, while it was the canary" in text
    assert "100.0% of its learners&#x27; lists were made by the live model instead" in text
