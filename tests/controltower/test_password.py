"""People at the controls change their own password: proved, entered, other sessions ended."""

import pytest
from django.test import Client

from signals.models import Account, LedgerEntry
from tests.factories import PASSWORD, uma

pytestmark = pytest.mark.django_db

PAGE = "/tower/you/password/"
NEW = "another honest password"


def change(client: Client, old: str, new: str = NEW) -> int:
    said = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(PAGE, said).status_code


def signed_in() -> Client:
    client = Client()
    client.post("/signin/", {"username": "uma", "password": PASSWORD})
    return client


def test_who_changes_it_stays_and_every_other_session_ends() -> None:
    uma()
    here, there = signed_in(), signed_in()

    assert change(here, PASSWORD) == 302

    assert (here.get(PAGE).status_code, there.get(PAGE).status_code) == (200, 302)
    entry = LedgerEntry.objects.get(action="password.changed")
    assert (entry.actor, entry.subject) == ("staff:uma", f"account:{Account.objects.get().pk}")
    again = Client().post("/signin/", {"username": "uma", "password": NEW})
    assert again.status_code == 302


def test_without_the_old_one_nothing_changes() -> None:
    uma()
    client = signed_in()
    assert change(client, "a guess at it") == 200
    assert "That is not your password." in client.post(PAGE, {"old_password": "x"}).content.decode()
    assert not LedgerEntry.objects.filter(action="password.changed").exists()


def test_guesses_at_the_old_one_are_paused_as_wrong_sign_ins_are() -> None:
    uma()
    client = signed_in()
    for _ in range(10):
        change(client, "a guess at it")
    assert change(client, PASSWORD) != 302
    assert not LedgerEntry.objects.filter(action="password.changed").exists()


def test_who_comes_by_their_school_has_none_to_change() -> None:
    account = uma().account
    account.set_unusable_password()
    account.save()
    client = Client()
    client.force_login(account)
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/tower/you/").content.decode()
