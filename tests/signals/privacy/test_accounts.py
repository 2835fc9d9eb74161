"""Who can read what an account is called? Nobody who has the database, nobody after an erasure."""

import re
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client

from signals import api, sealing
from signals.data import SYSTEM
from signals.models import Account
from signals.models.names import keyed
from tests.factories import PASSWORD, Person, ada, moment, new_learner, root, uma

pytestmark = pytest.mark.django_db
NAMED = {"first_name": "Adelaide", "last_name": "Canary", "email": "ada@canary.example"}


def named() -> Person:
    """Return ada with a whole name."""
    person = ada()
    for field, value in NAMED.items():
        setattr(person.account, field, value)
    person.account.save(update_fields=list(NAMED))
    return person


def stored() -> str:
    """Return what the table of accounts says, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM signals_account a")
        return " ".join(row[0] for row in cursor.fetchall())


def sign_in(name: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": password})
    return client


def test_the_table_holds_no_name_and_an_account_knows_them_all() -> None:
    named()
    account = Account.objects.get(username="ada")
    assert (account.username, account.first_name) == ("ada", "Adelaide")
    assert (account.last_name, account.email) == ("Canary", "ada@canary.example")
    assert all(word not in stored() for word in NAMED.values())
    # Three letters can come by chance inside a random id or hash: "ada" is looked for as a word.
    assert not re.search(r"(?<![0-9A-Za-z])ada(?![0-9A-Za-z])", stored())


def test_people_sign_in_with_their_name_and_are_greeted_by_it() -> None:
    named()
    page = sign_in("ada").get("/home/").content.decode()
    assert "Adelaide" in page
    assert sign_in("ada", "a wrong one").get("/home/").status_code == 302


def test_a_session_names_nobody() -> None:
    named()
    sign_in("ada")
    assert not [row for row in Session.objects.all() if "Adelaide" in str(row.get_decoded())]


def test_ten_failures_lock_a_name_out_and_are_kept_without_it() -> None:
    named()
    for _ in range(10):
        sign_in("ada", "a wrong one")
    assert sign_in("ada").get("/home/").status_code == 302
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {keyed("ada")}


def test_a_name_is_taken_once() -> None:
    ada()
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create_user("ada", password=PASSWORD)
    staff = Client()
    staff.force_login(root().account)
    form = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    page = staff.post("/admin/signals/account/add/", form | {"usable_password": "true"})
    assert "already exists" in page.content.decode()


def test_a_change_that_is_about_no_name_leaves_them_as_they_are() -> None:
    person = named()
    account = Account.objects.get(pk=person.account.pk)
    account.is_active = False
    account.save(update_fields=["is_active"])
    account.last_name = "Lovelace"
    account.save()
    again = Account.objects.get(username="ada")
    assert (again.first_name, again.last_name, again.is_active) == ("Adelaide", "Lovelace", False)


def test_what_an_administrator_changes_is_noted_without_the_name() -> None:
    person, staff = named(), Client()
    staff.force_login(root().account)
    found = staff.get("/admin/signals/account/", {"q": "ada"}).content.decode()
    assert "ada" in found
    assert "root" not in found.split("result_list")[1].split("</table>")[0]
    address = f"/admin/signals/account/{person.account.pk}/change/"
    joined = {"date_joined_0": "2026-01-02", "date_joined_1": "10:00:00"}
    form = {"username": "ada", "is_active": "on", "first_name": "Augusta"} | joined
    assert staff.post(address, form).status_code == 302
    assert Account.objects.get(username="ada").first_name == "Augusta"
    assert LogEntry.objects.get().object_repr == f"account {person.account.pk}"


def test_without_the_data_key_nobody_reads_the_name() -> None:
    person = named()
    sealing.destroy_keys([person.learner_id])
    account = Account.objects.get(pk=person.account.pk)
    assert (account.username, account.first_name, account.email) == ("", "", "")
    assert api.open_name(person.learner_id, "bm90aGluZyBvZiBvdXJz") == ""


def test_staff_who_learned_keep_their_account_and_name_when_the_learner_is_erased() -> None:
    account = uma().account
    account.first_name, account.learner_id = "Ursula", new_learner("uma-learns")
    account.save()
    api.erase_learner(account.learner_id or 0, actor=SYSTEM, now=moment())
    again = Account.objects.get(username="uma")
    assert (again.first_name, again.learner_id) == ("Ursula", None)


def test_names_of_an_older_version_are_sealed_by_its_migration() -> None:
    person = named()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE signals_account SET username = 'ada', first_name = 'Adelaide', sealed = ''"
        )
    migration: Any = import_module("signals.migrations.0015_sealed_names")
    no_vacuum = SimpleNamespace(connection=_Quiet())
    state = MigrationLoader(connection).project_state(("signals", "0015_sealed_names"))
    migration.seal(state.apps, no_vacuum)
    assert "Adelaide" not in stored()
    account = Account.objects.get(username="ada")
    assert (account.pk, account.first_name) == (person.account.pk, "Adelaide")


class _Quiet:
    """A connection on which nothing is run: VACUUM works in no transaction of a test."""

    def cursor(self) -> "_Quiet":
        return self

    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave."""

    def execute(self, statement: str) -> None:
        assert statement.startswith("VACUUM")
