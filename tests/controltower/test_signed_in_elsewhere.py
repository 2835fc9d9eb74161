"""Whoever suspects that somebody else is signed in as them ends that; so may an administrator."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from controltower.second_step import FRESH_S
from signals.models import Account, LedgerEntry
from tests.factories import PASSWORD, Person, ada, ben, moment, root, uma

pytestmark = pytest.mark.django_db
LEDGER = "/tower/ledger/"
CASES = {
    "staff": (uma, "/tower/you/", "/tower/you/elsewhere/"),
    "learner": (ada, "/privacy/", "/privacy/elsewhere/"),
}


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": PASSWORD})
    return client


def opens(client: Client, page: str) -> bool:
    return client.get(page).status_code == 200


@pytest.mark.parametrize(("who", "page", "door"), CASES.values(), ids=CASES)
def test_every_other_session_ends_and_this_one_stays(
    who: Callable[[], Person], page: str, door: str
) -> None:
    person, other = who(), ben()
    name = person.account.username
    here, there, stranger = signed_in(name), signed_in(name), signed_in(other.account.username)
    for _ in range(2):
        assert opens(there, page)
        answer = here.post(door, follow=True)
        assert "Every other place is signed out." in answer.content.decode()
        assert (opens(here, page), opens(there, page)) == (True, False)
        there = signed_in(name)
    assert opens(stranger, "/privacy/")
    entries = LedgerEntry.objects.filter(action="sign_in.ended_elsewhere")
    subject = f"learner:{person.learner_id}" if who is ada else f"account:{person.account.pk}"
    assert {entry.subject for entry in entries} == {subject}


def test_a_learner_with_a_role_is_asked_for_a_proof_as_staff_are() -> None:
    person = ada()
    person.account.groups.add(Group.objects.create(name="analyst"))
    here, there = signed_in(person.account.username), signed_in(person.account.username)
    assert here.post("/privacy/elsewhere/").headers["Location"] == "/tower/you/"
    assert opens(there, "/privacy/")


def test_a_learner_reads_of_it_in_their_log() -> None:
    ada()
    client = signed_in("ada")
    client.post("/privacy/elsewhere/")
    assert "You ended the sign-in on other devices" in client.get("/privacy/log/").content.decode()


def test_an_administrator_ends_the_sessions_of_somebody_else() -> None:
    ada(), root()
    theirs, admin = signed_in("ada"), signed_in("root")
    account = Account.objects.get(username="ada")
    chosen = {"action": "sign_out", "_selected_action": [str(account.pk)]}
    assert admin.post("/admin/signals/account/", chosen).status_code == 302
    assert not opens(theirs, "/privacy/")
    assert opens(admin, "/admin/")
    entry = LedgerEntry.objects.get(action="sign_in.ended")
    assert (entry.actor, entry.subject) == ("staff:root", f"learner:{account.learner_id}")
    again = signed_in("ada")
    assert opens(again, "/privacy/")
    log = again.get("/privacy/log/").content.decode()
    assert "Staff ended the sign-in on all devices" in log
    assert "other devices" not in log


def test_the_ledger_says_whether_one_session_stayed() -> None:
    person, _ = ada(), root()
    theirs, admin = signed_in("ada"), signed_in("root")
    theirs.post("/privacy/elsewhere/")
    assert "signed themselves out everywhere else" in admin.get(LEDGER).content.decode()
    assert "signed an account out everywhere" not in admin.get(LEDGER).content.decode()
    chosen = {"action": "sign_out", "_selected_action": [str(person.account.pk)]}
    admin.post("/admin/signals/account/", chosen)
    assert "signed an account out everywhere" in admin.get(LEDGER).content.decode()


def test_an_administrator_who_signed_in_long_ago_proves_who_they_are_first() -> None:
    ada(), root()
    theirs, admin = signed_in("ada"), signed_in("root")
    chosen = {"action": "sign_out", "_selected_action": [Account.objects.get(username="ada").pk]}
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        assert admin.post("/admin/signals/account/", chosen).status_code == 403
        assert not LedgerEntry.objects.filter(action="sign_in.ended").exists()
        assert opens(theirs, "/privacy/")
        proved = chosen | {"proof": PASSWORD}
        assert admin.post("/admin/signals/account/", proved).status_code == 302
        assert not opens(theirs, "/privacy/")


def test_an_administrator_who_changes_their_own_password_in_the_list_stays() -> None:
    account = root().account
    here, there = signed_in("root"), signed_in("root")
    new = "another honest password"
    typed = {"password1": new, "password2": new, "usable_password": "true"}
    assert here.post(f"/admin/signals/account/{account.pk}/password/", typed).status_code == 302
    assert (opens(here, "/admin/"), opens(there, "/admin/")) == (True, False)


def test_nobody_else_may(client: Client) -> None:
    ada(), uma()
    theirs = signed_in("ada")
    chosen = {"action": "sign_out", "_selected_action": ["1"]}
    for name in ("ada", "uma"):
        assert signed_in(name).post("/admin/signals/account/", chosen).status_code in (302, 403)
    assert opens(theirs, "/privacy/")
