"""My data: what is held, and switches, copies and ends that act at once, without JavaScript."""

import pytest
from django.test import Client

from tests.factories import Person, ada, moment
from tests.personalize.shop import Shop, states, touch


@pytest.fixture
def person(trained: Shop) -> Person:
    """Return ada, who has a goal and took four courses in one field."""
    somebody = ada()
    states(somebody.learner_id, goal="Data")
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(somebody.learner_id, course, enrolled_at=moment(days=ago))
    return somebody


@pytest.fixture
def page(client: Client, person: Person) -> Client:
    """Return a browser in which ada is signed in."""
    client.force_login(person.account)
    return client


def test_my_data_is_one_click_from_every_page_and_shows_what_is_held(page: Client) -> None:
    home, mine = page.get("/home/").content.decode(), page.get("/privacy/")

    assert home.count('href="/privacy/"') == 3  # the navigation, a phone's, and the account menu
    assert mine.status_code == 200
    assert "Goal: Data" in mine.content.decode()
    assert [tier.on for tier in mine.context["tiers"]] == [True, True, True, True]
