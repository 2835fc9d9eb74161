"""A password forgotten: nobody learns who has an account, a link works once, nothing is lifted."""

import re
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from pytest_django import Settings

from personalize.tasks import answer_forgotten
from signals.models import Account, LedgerEntry, PasswordAsk
from tests.controltower.test_second_step import enrolled
from tests.factories import PASSWORD, Person, ada, moment, uma

pytestmark = pytest.mark.django_db

ASK = "/signin/forgotten/"
NEW = "another honest password"


class Refusing(EmailBackend):
    """A mail server that takes nothing."""

    asked = 0

    def send_messages(self, messages: Any) -> int:
        Refusing.asked += 1
        raise SMTPException("mailbox unavailable")


class NoSuchMailbox(EmailBackend):
    """A mail server that knows nobody of these."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such mailbox")})


@pytest.fixture(autouse=True)
def _mailed(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://learn.example.org"
    settings.SENDS_MAIL = True


def reachable(person: Person) -> Person:
    person.account.email = f"{person.account.username}@example.org"
    person.account.save()
    return person


def ask(name: str, client: Client | None = None) -> str:
    return (client or Client()).post(ASK, {"username": name}).content.decode()


def link() -> str:
    """Return the way of the one link that is sent."""
    answer_forgotten()
    (message,) = mail.outbox
    mail.outbox.clear()
    found = re.search(r"https://learn\.example\.org(/signin/new/\S+)", str(message.body))
    assert found is not None
    return found[1]


def choose(path: str, password: str = NEW, again: str = "") -> Any:
    client = Client()
    form = client.get(path, follow=True)
    said = {"new_password1": password, "new_password2": again or password}
    return client.post(form.redirect_chain[-1][0] if form.redirect_chain else path, said)


def signs_in(name: str, password: str) -> bool:
    return Client().post("/signin/", {"username": name, "password": password}).status_code == 302


def test_the_answer_is_the_same_for_everybody() -> None:
    """One who can be reached, one without an address, one of a school, one closed, and nobody."""
    reachable(ada())
    uma()
    for name in ("school", "closed"):
        account = Account.objects.create_user(name, email=f"{name}@example.org", password=PASSWORD)
        if name == "school":
            account.set_unusable_password()
        account.is_active = name != "closed"
        account.save()

    said = {re.sub(r'value="[^"]*"', "", ask(n)) for n in ("ada", "uma", "school", "closed", "x")}

    assert len(said) == 1
    assert "If this name is known" in said.pop()
    assert PasswordAsk.objects.count() == 5
    assert answer_forgotten() == 1
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert not PasswordAsk.objects.exists()


def test_a_link_works_once_and_ends_every_session() -> None:
    reachable(uma())
    there = Client()
    there.post("/signin/", {"username": "uma", "password": PASSWORD})
    ask("uma")
    path = link()

    assert choose(path)["Location"] == "/signin/new/"

    assert there.get("/tower/").status_code == 302
    assert (signs_in("uma", PASSWORD), signs_in("uma", NEW)) == (False, True)
    assert "does not work any more" in Client().get(path, follow=True).content.decode()
    entry = LedgerEntry.objects.get(action="password.reset")
    assert (entry.actor, entry.detail) == ("staff:uma", "{}")


def test_a_learner_stands_in_the_ledger_by_number() -> None:
    person = reachable(ada())
    ask("ada")
    choose(link())
    entry = LedgerEntry.objects.get(action="password.reset")
    number = str(person.learner_id)
    assert (entry.actor, entry.subject) == (f"learner:{number}", f"learner:{number}")


def test_a_link_ends_after_an_hour() -> None:
    reachable(uma())
    ask("uma")
    path = link()
    with time_machine.travel(moment() + timedelta(minutes=61)):
        assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_a_weak_password_is_refused() -> None:
    reachable(uma())
    ask("uma")
    path = link()
    for password, again in (("short", ""), ("password1234", ""), (NEW, "an other one entirely")):
        answer = choose(path, password, again)
        assert answer.status_code == 200
        assert "aria-invalid" in answer.content.decode()
    assert signs_in("uma", PASSWORD)


def test_the_second_step_is_still_asked() -> None:
    person = reachable(uma())
    enrolled(person)
    ask("uma")
    choose(link())
    client = Client()
    client.post("/signin/", {"username": "uma", "password": NEW})
    assert client.get("/tower/")["Location"].startswith("/tower/second-step/")


def test_nobodys_mail_is_flooded_and_no_place_asks_without_end() -> None:
    reachable(uma())
    for place in range(5):
        ask("uma", Client(REMOTE_ADDR=f"192.0.2.{place}"))
        answer_forgotten()
    assert len(mail.outbox) == 3
    client = Client(REMOTE_ADDR="192.0.2.99")
    codes = [client.post(ASK, {"username": f"n{n}"}).status_code for n in range(11)]
    assert codes == [200] * 10 + [429]


def test_what_a_mail_server_refuses_is_tried_again_for_an_hour(settings: Settings) -> None:
    reachable(uma())
    ask("uma")
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert answer_forgotten() == 0
    assert PasswordAsk.objects.count() == 1
    PasswordAsk.objects.update(asked_at=moment(minutes=61))
    assert answer_forgotten() == 0
    assert not PasswordAsk.objects.exists()


def test_a_mail_server_that_is_away_is_not_waited_for_by_each_ask(settings: Settings) -> None:
    for n in range(7):
        reachable(Person(Account.objects.create_user(f"p{n}", password=PASSWORD)))
        ask(f"p{n}", Client(REMOTE_ADDR=f"192.0.2.{n}"))
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    Refusing.asked = 0
    assert answer_forgotten() == 0
    assert (Refusing.asked, PasswordAsk.objects.count()) == (5, 7)


def test_a_mailbox_that_is_gone_holds_up_nobody(settings: Settings) -> None:
    reachable(uma())
    ask("uma")
    settings.EMAIL_BACKEND = f"{__name__}.NoSuchMailbox"
    answer_forgotten()
    assert not PasswordAsk.objects.exists()


def test_nothing_is_offered_where_no_mail_leaves(settings: Settings) -> None:
    assert ASK in Client().get("/signin/").content.decode()
    settings.SENDS_MAIL = False
    assert ASK not in Client().get("/signin/").content.decode()
    assert Client().get(ASK).status_code == 404


def test_no_name_is_kept_in_clear() -> None:
    ask("somebody")
    assert "somebody" not in PasswordAsk.objects.get().username
