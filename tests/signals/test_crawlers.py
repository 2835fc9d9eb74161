"""Crawlers: told by what they call themselves, marked with one bit, and never learned from."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from signals.management.browsers import ORDINARY
from signals.models import Event
from signals.processing.activity import FLAG_CRAWLER
from tests.factories import ada, moment, new_course, wire_event
from tests.signals.door import BATCH, TOKENS, Door

CRAWLER = "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"
BROWSER = ORDINARY[-1]
ORIGIN = "https://lms.example"


def measured(path: Path, out: Path) -> dict[str, Any]:
    call_command("evaluate_bots", agents=path, json=out, stdout=StringIO())
    figures: dict[str, Any] = json.loads(out.read_text())
    return figures


def test_there_are_two_hundred_different_ordinary_browsers() -> None:
    assert (len(ORDINARY), len(set(ORDINARY))) == (200, 200)


def test_the_public_crawlers_are_found_and_no_browser_is_accused(tmp_path: Path) -> None:
    if "NORTHWAY_DATA" not in os.environ:
        pytest.skip("skipped: no data")
    agents = Path(os.environ["NORTHWAY_DATA"]) / "vectors" / "crawlers.json"
    figures = measured(agents, tmp_path / "out.json")
    assert figures["recall"] >= 0.98
    assert figures["false_positive_rate"] <= 0.005
    assert figures["recall_unlisted"] >= 0.85  # of crawlers nobody would have listed yet
    assert (figures["crawlers"] > 1000, figures["browsers"]) == (True, 200)


@pytest.mark.parametrize(
    "told",
    [
        [{"pattern": "Bot", "instances": [CRAWLER, BROWSER]}, {"browser": CRAWLER}, BROWSER],
        {"crawlers": [{"pattern": "Bot", "instances": [CRAWLER, BROWSER]}],
         "browsers": [CRAWLER, BROWSER]},
    ],
)  # fmt: skip
def test_figures_count_what_was_missed_and_who_was_accused(told: object, tmp_path: Path) -> None:
    file = tmp_path / "agents.json"
    file.write_text(json.dumps(told))
    figures = measured(file, tmp_path / "out.json")
    assert (figures["recall"], figures["false_positive_rate"]) == (0.5, 0.5)
    assert (figures["missed"], figures["accused"]) == ([BROWSER], [CRAWLER])


@pytest.mark.parametrize("text", ["[]", "{", '"x"'])
def test_a_file_without_crawlers_is_refused_in_words(text: str, tmp_path: Path) -> None:
    file = tmp_path / "agents.json"
    file.write_text(text)
    with pytest.raises(CommandError):
        call_command("evaluate_bots", agents=file)


def token() -> str:
    """Return an hour's token of ada for a page of the platform."""
    body = json.dumps({"learner": "ada", "origin": ORIGIN}).encode()
    return str(json.loads(Door("tokens").post(body, TOKENS).content)["token"])


def send(agent: str, **headers: str) -> None:
    body = json.dumps({"sent_at": None, "batch": [wire_event("course.viewed", course="c1")]})
    answer = Client().post(
        BATCH, body, content_type="application/json", headers={"User-Agent": agent, **headers}
    )
    assert answer.status_code == 200, answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(("agent", "flag"), [(CRAWLER, FLAG_CRAWLER), (BROWSER, 0)])
def test_an_event_by_token_carries_one_bit_about_its_agent(agent: str, flag: int) -> None:
    ada()
    new_course("c1")
    send(agent, Authorization=f"Bearer {token()}", Origin=ORIGIN)
    assert Event.objects.get().flags & FLAG_CRAWLER == flag


@pytest.mark.django_db
def test_the_agent_of_a_platforms_own_server_says_nothing_of_its_learners() -> None:
    ada()
    new_course("c1")
    send("python-requests/2.32", Authorization=f"Bearer {Door().key}")
    assert Event.objects.get().flags & FLAG_CRAWLER == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("agent", "flag"), [(CRAWLER, FLAG_CRAWLER), (BROWSER, 0)])
def test_what_our_own_pages_record_carries_it_too(agent: str, flag: int) -> None:
    person, course = ada(), new_course("c1")
    client = Client(headers={"User-Agent": agent})
    client.force_login(person.account)
    assert client.get(f"/course/{course.slug}/").status_code == 200
    viewed = Event.objects.filter(learner_id=person.learner_id).get()
    assert viewed.flags & FLAG_CRAWLER == flag


@pytest.mark.django_db
def test_the_agent_itself_is_stored_nowhere() -> None:
    ada()
    new_course("c1")
    send("NamedNowhereBot/9.71", Authorization=f"Bearer {token()}", Origin=ORIGIN)
    assert Event.objects.get().received_at >= moment(minutes=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM signals_event e")
        assert "NamedNowhere" not in cursor.fetchone()[0]
