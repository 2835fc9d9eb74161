"""The page of sources: how each does, who answers for it, and what is expected from now on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from signals import api
from signals.data import Objective
from signals.models import Source, SourceDay, SourceObjective, SourceSeen
from tests.factories import moment, pages_source, uma
from tests.signals.derive.promises import UMA

pytestmark = pytest.mark.django_db
LIST, ONE = "/tower/sources/", "/tower/sources/lms/"
PROMISE = {
    "every_minutes": "60",
    "complete_percent": "98.5",
    "owner": "Learning systems",
    "next_step": "Look at the cron job.",
    "reason": "Agreed in the weekly round",
}


@pytest.fixture
def analyst(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


@pytest.fixture(autouse=True)
def lms() -> int:
    """Return a platform that last sent three hours ago."""
    pages_source()
    source = Source.objects.create(name="lms", title="The campus", created_at=moment(days=60))
    SourceSeen.objects.create(source_id=source.pk, last_at=moment(hours=3))
    return source.pk


def promised(every_minutes: int, **more: str) -> None:
    words = {"owner": "Learning systems", "next_step": "Look at the cron job."} | more
    objective = Objective(every_minutes=every_minutes, complete_share=0.98, **words)
    api.set_objective(UMA, "lms", objective, reason="Agreed", now=moment())


def test_a_source_stands_with_its_state_owner_and_next_step(analyst: Client) -> None:
    promised(60)
    lines = analyst.get(LIST).context["lines"]
    line = lines[0]
    assert (line.state.name, line.word, line.promised) == ("lms", "Silent", "every hour")
    assert line.ago == "3\u00a0hours"
    assert {line.state.name: line.word for line in lines}["northway"] == "By habit"
    page = analyst.get(LIST).content.decode()
    assert "1 source does not keep what it promised." in page
    assert "Look at the cron job." in page


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1440, "every day"), (2880, "every 2 days"), (180, "every 3 hours"), (45, "every 45 minutes")],
)
def test_how_often_is_said_in_the_largest_unit(analyst: Client, minutes: int, words: str) -> None:
    promised(minutes)
    lines = analyst.get(LIST).context["lines"]
    assert {line.state.name: line.promised for line in lines}["lms"] == words


def test_what_is_expected_is_kept_with_its_reason(analyst: Client) -> None:
    assert analyst.post(ONE, PROMISE).status_code == 302
    row = SourceObjective.objects.get()
    assert (row.every_minutes, row.complete_share) == (60, 0.985)
    entry = api.ledger_rows(limit=1)[0]
    assert (entry.actor, entry.subject) == ("staff:uma", "source:lms")
    assert entry.detail["reason"] == PROMISE["reason"]
    again = analyst.get(ONE).content.decode()
    assert 'value="98.5"' in again
    assert 'value="Learning systems"' in again


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("every_minutes", "1"),
        ("every_minutes", "often"),
        ("complete_percent", "101"),
        ("complete_percent", "nan"),
        ("owner", ""),
        ("next_step", "x" * 201),
        ("reason", ""),
    ],
)
def test_what_makes_no_sense_comes_back_with_its_field(
    analyst: Client, field: str, value: str
) -> None:
    answer = analyst.post(ONE, PROMISE | {field: value})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert not SourceObjective.objects.exists()


def test_a_source_goes_back_to_its_habit_for_a_reason(analyst: Client) -> None:
    promised(60)
    analyst.post(f"{ONE}habit/", {"reason": ""})
    assert SourceObjective.objects.exists()
    analyst.post(f"{ONE}habit/", {"reason": "It is summer"})
    assert not SourceObjective.objects.exists()
    assert api.ledger_rows(limit=1)[0].detail["reason"] == "It is summer"


def test_a_source_there_is_not_is_not_found(analyst: Client) -> None:
    assert analyst.get("/tower/sources/nobody/").status_code == 404


def test_a_silent_source_needs_somebody_and_says_whom(analyst: Client) -> None:
    def titles() -> dict[str, Any]:
        return {need.title: need for need in analyst.get("/tower/").context["needs"]}

    promised(int(timedelta(hours=4).total_seconds() // 60))
    assert "The campus is silent" not in titles()
    promised(60)
    need = titles()["The campus is silent"]
    assert need.level == "bad"
    assert (need.owner, need.detail) == ("Learning systems", "First: Look at the cron job.")


def test_a_source_that_sends_half_its_fields_needs_somebody(analyst: Client, lms: int) -> None:
    promised(1440)
    day = moment(days=2).date()
    SourceDay.objects.create(day=day, source_id=lms, events=90, refused={"course_required": 10})
    needs = {need.title: need for need in analyst.get("/tower/").context["needs"]}
    assert needs["The campus sends incomplete events"].owner == "Learning systems"
    line = analyst.get(LIST).context["lines"][0]
    assert (line.word, line.state.complete_share) == ("Incomplete", 0.9)
