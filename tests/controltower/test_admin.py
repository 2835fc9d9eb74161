"""Django's admin: whatever a superuser changes there is in the ledger, or is refused. Every table.

Each table that is shown has a row below; one without a row fails the last test.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.forms import MultiWidget
from django.test import Client
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from controltower.second_step import FRESH_S
from experiments.models import Experiment, Flag, Snapshot
from personalize.models import CuratedCourse, ModelVersion, Override
from signals import api as signals
from signals.models import Account, Quarantine, Source
from tests.experiments.world import flag, started
from tests.factories import PASSWORD, ada, moment, new_course, new_key, root, uma, wire_event
from tests.signals.door import Door

pytestmark = pytest.mark.django_db


def a_task() -> PeriodicTask:
    clock = CrontabSchedule.objects.create(minute="1")
    return PeriodicTask.objects.create(name="Count", task="signals.tasks.roll_up", crontab=clock)


def a_source() -> Source:
    new_key()
    return Source.objects.get()


# What may be changed: a row to change, and what is typed. Another column is what may be added.
CHANGED: dict[type[Model], tuple[Callable[[], Model], dict[str, Any]]] = {
    Account: (lambda: Account.objects.get(pk=uma().account.pk), {"is_active": ""}),
    Source: (a_source, {"title": "Another title"}),
    Flag: (lambda: flag("experiment:any", everyone=True), {"everyone": "false"}),
    CuratedCourse: (
        lambda: CuratedCourse.objects.create(course_id=1, position=1),
        {"position": "7"},
    ),
    PeriodicTask: (a_task, {"enabled": ""}),
}
ADDED: dict[type[Model], dict[str, Any]] = {
    Account: {"username": "newton", "password1": PASSWORD * 2, "password2": PASSWORD * 2},
    Flag: {"name": "new-flag", "everyone": "false"},
    CuratedCourse: {"course_id": "5", "position": "2"},
}
DELETED = {CuratedCourse}
# What is done to chosen rows; each waits for a fresh proof and is in the ledger (tests below).
ACTIONS: dict[type[Model], set[str]] = {Account: {"sign_out"}, Quarantine: {"replay"}}
ONLY_READ = {Quarantine, Experiment, Snapshot, Override, ModelVersion}


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(root().account)
    return client


def address(model: type[Model], what: str) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{what}/"


def filled(client: Client, at: str, typed: dict[str, Any]) -> dict[str, Any]:
    """Return a form of the admin as it stands there, with what is typed into it."""
    form = client.get(at).context["adminform"].form
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if isinstance(field.widget, MultiWidget):
            parts = field.widget.decompress(value) or ()
            data |= {f"{name}_{n}": part for n, part in enumerate(parts)}
        elif hasattr(field, "queryset"):
            several = value if isinstance(value, list) else [value]
            data[name] = [getattr(one, "pk", one) for one in several if one is not None]
        else:
            data[name] = "" if value in {None, False} else value
    return {name: value for name, value in (data | typed).items() if value is not None}


def entries() -> int:
    return len(signals.ledger_rows(limit=500))


@pytest.mark.parametrize("model", CHANGED, ids=lambda model: model.__name__)
def test_a_change_is_in_the_ledger_with_who_made_it(superuser: Client, model: type[Model]) -> None:
    make, typed = CHANGED[model]
    row = make()
    at = address(model, f"{row.pk}/change")
    data, before = filled(superuser, at, typed), entries()
    answer = superuser.post(at, data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert entries() > before
    newest = signals.ledger_rows(limit=entries() - before)
    assert {entry.actor for entry in newest} == {"staff:root"}
    assert "admin.changed" in {entry.action for entry in newest}


@pytest.mark.parametrize("model", ADDED, ids=lambda model: model.__name__)
def test_what_is_added_is_in_the_ledger(superuser: Client, model: type[Model]) -> None:
    at = address(model, "add")
    data, before = filled(superuser, at, ADDED[model]), entries()
    answer = superuser.post(at, data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    actions = {entry.action for entry in signals.ledger_rows(limit=entries() - before)}
    assert "admin.added" in actions


@pytest.mark.parametrize("model", DELETED, ids=lambda model: model.__name__)
def test_what_is_deleted_is_in_the_ledger(superuser: Client, model: type[Model]) -> None:
    row = CHANGED[model][0]()
    before = entries()
    answer = superuser.post(address(model, f"{row.pk}/delete"), {"post": "yes"})
    assert answer.status_code == 302
    actions = {entry.action for entry in signals.ledger_rows(limit=entries() - before)}
    assert "admin.deleted" in actions


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_everything_else_is_refused(superuser: Client, model: type[Model]) -> None:
    if model is Experiment:
        started()
    if model not in ADDED:
        assert superuser.post(address(model, "add"), {}).status_code == 403
    rows = model._default_manager.all()
    row = CHANGED[model][0]() if model in CHANGED else rows.first()
    before = entries()
    if row is not None and model not in CHANGED:
        assert superuser.post(address(model, f"{row.pk}/change"), {}).status_code == 403
    if row is not None and model not in DELETED:
        gone = superuser.post(address(model, f"{row.pk}/delete"), {"post": "yes"})
        assert gone.status_code == 403
        assert rows.filter(pk=row.pk).exists()
    shown = admin.site.get_model_admin(model)
    request = superuser.get(address(model, "").replace("//", "/")).wsgi_request
    assert set(shown.get_actions(request)) == ACTIONS.get(model, set())
    assert not getattr(shown, "list_editable", ())
    assert entries() == before


def test_a_change_without_a_fresh_proof_waits_for_one(superuser: Client) -> None:
    make, typed = CHANGED[CuratedCourse]
    row = make()
    at = address(CuratedCourse, f"{row.pk}/change")
    data, before = filled(superuser, at, typed), entries()
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        assert superuser.post(at, data).status_code == 403
        assert entries() == before
        assert superuser.post(at, data | {"proof": PASSWORD}).status_code == 302
    assert entries() > before


def a_refusal() -> Quarantine:
    """Return an event that fits by now."""
    ada()
    Door().send(wire_event(course="late"))
    new_course("late")
    return Quarantine.objects.get()


CHOSEN: dict[type[Model], Callable[[], Model]] = {
    Account: lambda: Account.objects.get(pk=uma().account.pk),
    Quarantine: a_refusal,
}


@pytest.mark.parametrize("model", ACTIONS, ids=lambda model: model.__name__)
def test_what_is_done_to_chosen_rows_waits_for_a_proof_and_is_in_the_ledger(
    superuser: Client, model: type[Model]
) -> None:
    row = CHOSEN[model]()
    at, before = address(model, "").replace("//", "/"), entries()
    for name in ACTIONS[model]:
        typed = {"action": name, "_selected_action": [row.pk]}
        with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
            assert superuser.post(at, typed).status_code == 403
            assert entries() == before
            assert superuser.post(at, typed | {"proof": PASSWORD}).status_code == 302
    newest = signals.ledger_rows(limit=entries() - before)
    assert len(newest) == len(ACTIONS[model])
    assert {entry.actor for entry in newest} == {"staff:root"}


@pytest.mark.parametrize("model", ACTIONS, ids=lambda model: model.__name__)
def test_what_is_done_to_chosen_rows_is_for_superusers(client: Client, model: type[Model]) -> None:
    row = CHOSEN[model]()
    client.force_login(row if isinstance(row, Account) else uma().account)
    at, before = address(model, "").replace("//", "/"), entries()
    for name in ACTIONS[model]:
        typed = {"action": name, "_selected_action": [row.pk]}
        assert client.post(at, typed).status_code in {302, 403}
    assert entries() == before


def test_every_table_that_is_shown_has_a_row_here() -> None:
    assert set(admin.site._registry) == set(CHANGED) | ONLY_READ
    assert {model._meta.app_label for model in apps.get_models()} > {"signals", "personalize"}
