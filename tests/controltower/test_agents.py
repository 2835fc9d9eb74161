"""The page of agents: which language model, how far, what it spent, and the switch that ends it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from controltower.views.agents import LEAVES
from experiments import api as experiments
from experiments.models import Flag
from personalize.llm import choice, spending
from personalize.llm.base import Budget, Completion, Prompt
from personalize.models import AgentSetting
from signals.data import SYSTEM
from signals.models import LedgerEntry
from tests.factories import Person, ada, moment, pia, root, uma
from tests.personalize.agents.lessons import bicycle_course

PAGE, ANSWERS, SWITCH = "/tower/agents/", "/tower/agents/answers/", "/tower/agents/answers/switch/"
URL = "https://llm.example/v1"
SAID = {
    "backend": "openai_compatible",
    "base_url": URL,
    "model": "small",
    "deadline_s": "1.5",
    "tokens": "200",
    "price_in": "1",
    "price_out": "2",
    "cap_a_day": "0.5",
    "reason": "Shorter answers.",
}
HOSTED = choice.Setting(
    backend="openai_compatible",
    base_url=URL,
    model="small",
    price_in=1.0,
    price_out=2.0,
    cap_a_day=0.5,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _listed(settings: Settings) -> None:
    settings.LLM_URLS = [URL]


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an administrator is signed in."""
    client.force_login(root().account)
    return client


def text_of(client: Client, path: str = PAGE) -> str:
    return unescape(client.get(path).content.decode())


def posted(client: Client, path: str, said: dict[str, str]) -> str:
    return unescape(client.post(path, said, follow=True).content.decode())


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Let the page be looked at at noon, so that no midnight falls into a test."""
    at = moment().replace(hour=12)
    monkeypatch.setattr("controltower.views.agents.now", lambda: at)
    return at


def called(tokens: tuple[int, int] | None, *, at: datetime) -> None:
    """Let the agent ask its model once; None is a call that gave nothing."""
    prompt, budget = Prompt("Answer.", ("A chain wears.",), "What wears?"), Budget(1.0, 100)
    reserved = spending.reserve("answers", HOSTED, prompt, budget, now=at)
    came = Completion("It wears.", *tokens) if tokens else None
    spending.settle(reserved, HOSTED, came)


def test_no_language_model_is_used_until_somebody_chose_one(page: Client) -> None:
    text = text_of(page)
    assert "No language model" in text
    assert "No call, and no cost" in text


def test_each_agent_says_what_its_own_requests_hold(page: Client) -> None:
    text = text_of(page)
    assert set(LEAVES) == set(choice.AGENTS)
    answers, briefs = (text.split(f'id="{key}-leaves"')[1].split("</section>")[0] for key in LEAVES)
    assert "The question as it was typed" in answers
    assert "question" not in briefs
    assert "The topic of the brief" in briefs


def test_a_choice_is_in_force_at_once_with_its_reason_in_the_ledger(page: Client) -> None:
    assert "In force from the next call on." in posted(page, ANSWERS, SAID)
    assert choice.setting("answers") == HOSTED
    assert LedgerEntry.objects.get(action="agent.changed").actor == "staff:root"
    assert "Last changed by root on" in text_of(page)


def test_a_choice_does_not_switch_on_what_is_off(page: Client) -> None:
    choice.change(SYSTEM, "answers", choice.Setting(on=False), reason="A pause.", now=moment())
    page.post(ANSWERS, SAID)
    assert not choice.setting("answers").on


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("base_url", "https://other.example/v1", "This address is not listed."),
        ("base_url", "not an address", "An address looks like https://host/v1."),
        ("backend", "telepathy", "Choose one of the list."),
        ("model", "", "Name the model"),
        ("deadline_s", "60", "Say 0.2 to 10 seconds."),
        ("tokens", "5000", "Say 16 to 1000 tokens."),
        ("price_in", "-1", "Say an amount"),
        ("cap_a_day", "0", "What costs money needs a cap a day."),
        ("reason", " ", "Say why"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    page: Client, field: str, value: str, told: str
) -> None:
    answer = page.post(ANSWERS, SAID | {field: value})
    one = answer.context["agents"][0]
    assert told in one.form.errors[field][0]
    assert told in unescape(answer.content.decode())
    assert not AgentSetting.objects.exists()


def test_all_that_is_wrong_is_told_at_once(page: Client) -> None:
    answer = page.post(ANSWERS, SAID | {"model": "", "tokens": "1", "reason": ""})
    one = answer.context["agents"][0]
    assert set(one.form.errors) == {"model", "tokens", "reason"}


def test_while_no_address_is_listed_the_page_says_how_to_list_one(
    page: Client, settings: Settings
) -> None:
    settings.LLM_URLS = []
    assert "LLM_URLS=https://host/v1" in text_of(page)


def test_an_address_that_is_listed_no_more_is_told_and_the_switch_still_works(
    page: Client, settings: Settings
) -> None:
    page.post(ANSWERS, SAID)
    settings.LLM_URLS = []
    assert f"{URL} is not asked" in text_of(page)
    assert page.post(SWITCH, {"reason": "It is gone."}).status_code == 302
    assert not choice.setting("answers").on


def test_calls_failures_and_cost_of_seven_days_are_shown(page: Client, noon: datetime) -> None:
    choice.change(SYSTEM, "answers", HOSTED, reason="A test.", now=noon)
    called((20_000, 5_000), at=noon)
    called((20_000, 5_000), at=noon - timedelta(days=6))
    called(None, at=noon - timedelta(days=6))
    called((900_000, 0), at=noon - timedelta(days=7))
    text = text_of(page)
    assert "3 calls in all, of which 1 failed; 0.06 EUR." in text
    assert "Today 0.03 EUR of 0.50 EUR." in text


def test_little_money_is_not_said_to_be_none(page: Client, noon: datetime) -> None:
    called((10, 5), at=noon)
    assert "under 0.01 EUR" in text_of(page)


def test_the_off_switch_closes_the_box_of_a_course_and_opens_it_again(
    page: Client,
) -> None:
    bicycle_course()
    person, learner = ada(), Client()
    experiments.list_on_flag("surface-answers-early", accounts=[person.account.pk])
    learner.force_login(person.account)
    box = "Ask this course"
    assert box in text_of(learner, "/course/bicycle/")
    assert "It is off." in posted(page, SWITCH, {"reason": "A wrong answer."})
    assert "Nobody sees this agent" in text_of(page)
    assert box not in text_of(learner, "/course/bicycle/")
    assert learner.post("/course/bicycle/ask/", {"question": "chain"}).status_code == 404
    assert "It is on." in posted(page, SWITCH, {"reason": "It was mended.", "on": "1"})
    assert box in text_of(learner, "/course/bicycle/")


def test_switching_asks_for_a_reason(page: Client) -> None:
    assert "Say why" in posted(page, SWITCH, {"reason": ""})
    assert choice.setting("answers").on


def test_switching_off_twice_is_one_change(page: Client) -> None:
    for _ in range(2):
        page.post(SWITCH, {"reason": "A wrong answer."})
    assert AgentSetting.objects.count() == 1


def test_the_page_tells_when_a_switch_closes_the_surface(page: Client) -> None:
    Flag.objects.create(name="surface-answers-off", everyone=True).flush()
    assert "The switch surface-answers-off is on" in text_of(page)


def test_an_agent_there_is_not_is_not_found(page: Client) -> None:
    assert page.post("/tower/agents/oracle/", SAID).status_code == 404
    assert page.post("/tower/agents/oracle/switch/", {"reason": "why"}).status_code == 404


def test_the_key_of_the_server_is_never_shown(page: Client, settings: Settings) -> None:
    settings.LLM_API_KEY = "a-key-that-nobody-reads"
    page.post(ANSWERS, SAID)
    assert "a-key-that-nobody-reads" not in text_of(page)


@pytest.mark.parametrize("person", [uma, pia])
def test_who_is_no_administrator_sees_it_and_changes_nothing(
    client: Client, person: Callable[[], Person]
) -> None:
    choice.change(SYSTEM, "answers", HOSTED, reason="A test.", now=moment())
    client.force_login(person().account)
    text = text_of(client)
    assert "An administrator sets it." in text
    assert "Put in force" not in text
    assert client.post(ANSWERS, SAID).status_code == 403
    assert client.post(SWITCH, {"reason": "why"}).status_code == 403
    assert choice.setting("answers").on
