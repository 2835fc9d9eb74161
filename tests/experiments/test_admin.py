import pytest
from django.contrib.admin.sites import site
from django.test import Client, RequestFactory

from experiments.models import Assignment, Experiment, Flag, Snapshot
from signals import api as signals
from tests.experiments.world import account, flag


@pytest.mark.parametrize("model", [Experiment, Snapshot])
def test_a_superuser_can_only_look_at_experiments(db: None, model: type[Experiment]) -> None:
    request = RequestFactory().get("/")
    request.user = account(is_superuser=True, is_staff=True)
    shown = site.get_model_admin(model)
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)


def test_assignments_are_not_in_the_admin_at_all() -> None:
    assert not site.is_registered(Assignment)


def test_switching_a_flag_by_hand_is_written_in_the_ledger(db: None) -> None:
    request = RequestFactory().post("/")
    root = account(is_superuser=True, is_staff=True)
    request.user = root
    made = flag("experiment:any", everyone=True)
    shown = site.get_model_admin(Flag)
    form = shown.get_form(request, made, change=True)(
        {
            "name": made.name,
            "everyone": "false",
            **{f"{field}_0": "2026-10-01" for field in ("created", "modified")},
            **{f"{field}_1": "08:00:00" for field in ("created", "modified")},
        },
        instance=made,
    )
    assert form.is_valid(), form.errors
    shown.save_model(request, form.save(commit=False), form, change=True)
    (row,) = signals.ledger_rows(action_prefix="flag.switched")
    assert (row.actor, row.subject) == (f"staff:{root.username}", "experiment:any")
    assert row.detail["everyone"] is False
    assert not Flag.objects.get().share()


@pytest.mark.parametrize("said", ["x", "9" * 400, "9" * 5_000, "1,x", "4711"])
def test_numbers_of_people_that_are_none_are_told_and_break_nothing(
    client: Client, said: str
) -> None:
    client.force_login(account(is_superuser=True, is_staff=True))
    answer = client.post("/admin/experiments/flag/add/", {"name": "early", "users": said})
    assert answer.status_code == 200
    assert "users" in answer.context["adminform"].form.errors


def test_an_off_switch_is_not_deleted_by_hand(db: None) -> None:
    request = RequestFactory().get("/")
    request.user = account(is_superuser=True, is_staff=True)
    shown = site.get_model_admin(Flag)
    assert not shown.has_delete_permission(request)
    assert shown.get_actions(request) == {}
