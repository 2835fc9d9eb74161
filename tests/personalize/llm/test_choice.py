"""Administrators choose which language model an agent uses; its money is reserved, then settled."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from pytest_django import Settings

from personalize.llm import choice, spending
from personalize.llm.base import Budget, Completion, Prompt
from signals import api
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment

pytestmark = pytest.mark.django_db
URL = "https://llm.example/v1"
HOSTED = choice.Setting(
    backend="openai_compatible",
    base_url=URL,
    model="small",
    price_in=1.0,
    price_out=2.0,
    cap_a_day=0.001,
)
PROMPT, BUDGET = Prompt("Answer.", ("A chain wears.",), "What wears?"), Budget(1.0, 100)


@pytest.fixture(autouse=True)
def _listed(settings: Settings) -> None:
    settings.LLM_URLS = [URL]


def admin(*roles: str) -> Actor:
    return Actor(ActorKind.STAFF, "root", frozenset(roles))


def test_no_language_model_is_used_until_somebody_chose_one() -> None:
    assert choice.setting("answers").backend == "offline"


def test_a_choice_is_in_force_at_once_and_in_the_ledger() -> None:
    choice.change(admin("admin"), "answers", HOSTED, reason="Shorter answers.", now=moment())
    assert choice.setting("answers") == HOSTED
    entry = next(row for row in api.ledger_rows(limit=5) if row.action == "agent.changed")
    assert entry.actor == "staff:root"


def test_nobody_else_chooses() -> None:
    with pytest.raises(PermissionDenied):
        choice.change(admin("analyst"), "answers", HOSTED, reason="I want to.", now=moment())


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("backend", choice.Setting(backend="telepathy")),
        ("base_url", choice.Setting(backend="openai_compatible", base_url="https://x.example")),
        ("model", choice.Setting(backend="openai_compatible", base_url=URL)),
        ("deadline_ms", choice.Setting(deadline_ms=60_000)),
        ("tokens", choice.Setting(tokens=1_000_000)),
        ("price_in", choice.Setting(price_in=-1.0)),
        ("cap_a_day", choice.Setting(backend="openai_compatible", base_url=URL, price_in=1.0)),
    ],
)
def test_what_cannot_work_is_refused_by_field(field: str, wanted: choice.Setting) -> None:
    with pytest.raises(ValidationError) as refused:
        choice.change(SYSTEM, "answers", wanted, reason="A test.", now=moment())
    assert field in refused.value.message_dict


def test_a_call_takes_what_it_took_and_no_more() -> None:
    reserved = spending.reserve("answers", HOSTED, PROMPT, BUDGET, now=moment())
    spending.settle(reserved, HOSTED, Completion("It wears.", tokens_in=10, tokens_out=5))
    day = spending.days("answers")[0]
    assert (day.calls, day.failures, day.tokens_in, day.tokens_out) == (1, 0, 10, 5)
    assert day.cost == pytest.approx((10 * 1.0 + 5 * 2.0) / 1_000_000)


def test_a_call_that_failed_or_does_not_say_costs_all_it_could() -> None:
    reserved = spending.reserve("answers", HOSTED, PROMPT, BUDGET, now=moment())
    spending.settle(reserved, HOSTED, None)
    day = spending.days("answers")[0]
    assert day.failures == 1
    assert day.cost == pytest.approx(reserved.millionths / 1_000_000)


def test_the_cap_of_a_day_stops_calls_before_they_are_made() -> None:
    for _ in range(3):
        spending.reserve("answers", HOSTED, PROMPT, BUDGET, now=moment())
    with pytest.raises(spending.SpentError):
        spending.reserve("answers", HOSTED, PROMPT, BUDGET, now=moment())
    assert spending.days("answers")[0].cost <= HOSTED.cap_a_day
