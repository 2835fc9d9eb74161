"""Demand gaps: closed weeks, at least ten learners, rounded; from a search to the page."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client

from signals.derive.demand import derive_demand, monday
from tests.factories import cleo, moment, new_learner
from tests.signals.derive.happened import search, store

PAGE = "/create/gaps/"


@pytest.fixture
def page(client: Client, db: None) -> Client:
    """Return a browser in which a creator is signed in."""
    client.force_login(cleo().account)
    return client


def last_week() -> datetime:
    this = datetime.combine(monday(moment().date()), time(), tzinfo=UTC)
    return this - timedelta(days=3)


def searched(query: str, n: int, *, found: int, at: datetime | None = None) -> None:
    when = at or last_week()
    store([search(new_learner(), query, when, found=found) for _ in range(n)], now=moment())


def count_closed_weeks() -> None:
    derive_demand(now=last_week() + timedelta(days=4))


def test_what_ten_learners_missed_is_listed_rounded(page: Client) -> None:
    searched("Power BI", 13, found=0)
    searched("sql", 22, found=3)
    searched("beekeeping", 9, found=0)
    count_closed_weeks()
    answer = page.get(PAGE)
    (gap,) = answer.context["missing"]
    assert (gap.term, gap.learners, gap.searches, gap.without_result) == ("power bi", 15, 15, 15)
    assert [row.term for row in answer.context["found"]] == ["sql"]
    text = answer.content.decode()
    assert "about 15" in text
    assert "beekeeping" not in text
    counted = re.findall(r'data-l="(?:Learners|Searches)">([^<]+)<', text)
    assert counted == ["about 15", "15", "about 20", "20"]  # the week they are of has a 13 at times


def test_a_week_that_has_not_ended_is_not_shown(page: Client) -> None:
    searched("power bi", 12, found=0, at=moment())
    derive_demand(now=moment())
    assert page.get(PAGE).context["missing"] == []


def test_with_nothing_counted_the_page_says_when_it_will_be(page: Client) -> None:
    text = page.get(PAGE).content.decode()
    assert "No term was searched in vain by enough learners yet." in text
    assert "Weeks are closed on Mondays." in text
