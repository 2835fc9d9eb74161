"""How long does a sign-in hold? Left alone, in use, and for whom."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from signals.data import SESSION_PROVED
from tests.factories import ada, moment, uma

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(moment(), tick=False) as coordinates:
        yield coordinates


def opens(client: Client, address: str) -> bool:
    return client.get(address).status_code == 200


def test_staff_who_left_are_signed_out(client: Client, clock: time_machine.Traveller) -> None:
    client.force_login(uma().account)
    clock.shift(timedelta(minutes=29))
    assert opens(client, "/tower/boosts/")
    clock.shift(timedelta(minutes=29))  # used in between
    assert opens(client, "/tower/boosts/")
    clock.shift(timedelta(minutes=31))
    assert client.get("/tower/boosts/")["Location"] == "/signin/?next=/tower/boosts/"
    assert "_auth_user_id" not in client.session


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    client: Client, clock: time_machine.Traveller
) -> None:
    client.force_login(uma().account)
    for _ in range(3):
        clock.shift(timedelta(minutes=10))
        assert opens(client, "/tower/live/")
    clock.shift(timedelta(minutes=1))
    over = client.get("/tower/live/", headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"


def test_staff_in_use_all_day_sign_in_anew(client: Client, clock: time_machine.Traveller) -> None:
    client.force_login(uma().account)
    for _ in range(36):
        clock.shift(timedelta(minutes=20))
        last = opens(client, "/tower/boosts/")
    assert last
    clock.shift(timedelta(minutes=1))
    assert not opens(client, "/tower/boosts/")


def test_learners_stay_for_two_weeks_away(client: Client, clock: time_machine.Traveller) -> None:
    client.force_login(ada().account)
    for _ in range(4):
        clock.shift(timedelta(days=13))
        assert opens(client, "/about/signals/")
        assert client.session.get("_auth_user_id")
    clock.shift(timedelta(days=15))
    assert client.get("/home/").status_code == 302


def test_and_for_sixty_days_at_most(client: Client, clock: time_machine.Traveller) -> None:
    client.force_login(ada().account)
    for _ in range(5):
        clock.shift(timedelta(days=12))
        client.get("/about/signals/")
    assert client.session.get("_auth_user_id")
    clock.shift(timedelta(hours=1))
    client.get("/about/signals/")
    assert not client.session.get("_auth_user_id")


def test_who_is_given_a_role_is_held_to_its_limits(
    client: Client, clock: time_machine.Traveller
) -> None:
    person, analyst = ada(), uma()
    client.force_login(person.account)
    clock.shift(timedelta(hours=13))
    person.account.groups.set(analyst.account.groups.all())
    assert client.get("/tower/boosts/").status_code == 302


def test_a_session_that_does_not_say_when_it_began_is_over(client: Client) -> None:
    client.force_login(uma().account)
    session = client.session
    del session["began_at"]
    session.save()
    assert client.get("/tower/boosts/").status_code == 302


def test_limits_are_settings(
    client: Client, settings: Settings, clock: time_machine.Traveller
) -> None:
    settings.STAFF_IDLE_MINUTES = 5
    client.force_login(uma().account)
    clock.shift(timedelta(minutes=6))
    assert not opens(client, "/tower/boosts/")


def test_signing_in_is_a_proof(client: Client) -> None:
    client.force_login(uma().account)
    assert client.session[SESSION_PROVED] > 0


def test_a_page_of_somebody_in_use_writes_no_session_each_time(
    client: Client, clock: time_machine.Traveller
) -> None:
    client.force_login(ada().account)
    before = client.session.items()
    clock.shift(timedelta(hours=10))
    client.get("/about/signals/")
    assert client.session.items() == before
