"""People at the controls: boost, lower, pin and hide, with limits, preview, ledger and undo."""

from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from personalize import api
from personalize.data import Change, Item, NewOverride, Slot, Source
from personalize.decision import upkeep
from personalize.decision.surfaces import BY_CODE, SURFACES
from personalize.decision.surfaces.base import declared
from personalize.models import Override
from signals import api as signals
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment
from tests.one_of_each.additions import sidebar as additions_sidebar
from tests.personalize.shop import Shop, learner

ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
UMA = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
CLEO = Actor(ActorKind.STAFF, "cleo", frozenset({"creator"}))


def new(course: int, change: Change, **fields: Any) -> NewOverride:
    plain = NewOverride(
        course_id=course,
        change=change,
        reason="New guidance",
        starts_at=moment(days=1),
        ends_at=moment(days=-7),
        strength=0.2,
    )
    return replace(plain, **fields)


def shown(learner_id: int, k: int = 12) -> list[int]:
    return [item.course_id for item in api.recommend(learner_id, k=k, now=moment()).items]


def test_a_hidden_course_is_in_no_list_of_any_source(trained: Shop) -> None:
    ada, cold = learner("ada", enrolled=trained.field("Data")[:4]), learner("cold")
    course_id = shown(ada)[0]

    api.create_override(ROOT, new(course_id, Change.HIDE), now=moment())

    for learner_id in (ada, cold, 1):
        assert course_id not in shown(learner_id, k=40)


@pytest.fixture
def outside_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process believe that it serves, without threads that would outlive the test."""
    monkeypatch.setattr("personalize.decision.background.allowed_here", lambda: True)
    monkeypatch.setattr(upkeep.THREAD, "start", lambda: None)
    monkeypatch.setattr("personalize.decision.log.FLUSHER.start", lambda: None)


def test_another_process_follows_a_hide_within_two_seconds(
    trained: Shop, monkeypatch: pytest.MonkeyPatch, outside_transactions: None
) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    course_id = shown(ada)[0]
    api.create_override(ROOT, new(course_id, Change.HIDE), now=moment())
    at_once = course_id in shown(ada)

    monkeypatch.setattr("personalize.decision.upkeep.monotonic", lambda: monotonic() + 2.0)

    assert at_once  # what was read before is still believed: that is what costs no statement
    assert course_id not in shown(ada)


def test_the_thread_reads_more_often_than_a_hide_may_take() -> None:
    assert upkeep.EVERY_S < upkeep.LATE_S < 2.0


def test_a_pin_is_first_and_says_until_when(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    pinned = trained.field("Craft")[3].course_id
    api.create_override(ROOT, new(pinned, Change.PIN), now=moment())

    first = api.recommend(ada, now=moment()).items[0]

    until = moment(days=-7)
    assert (first.course_id, first.slot) == (pinned, Slot.PINNED)
    assert first.reasons[0].kind == "pin"
    assert first.reasons[0].text == f"Pinned by staff until {until.day} {until:%B}"


def test_a_boosted_course_says_so_in_the_list_and_in_its_panel(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    boosted = trained.field("Care")[3].course_id
    api.create_override(ROOT, new(boosted, Change.BOOST, strength=0.5), now=moment())

    answer = api.recommend(ada, now=moment())
    [item] = [item for item in answer.items if item.course_id == boosted]
    panel = api.explain(answer.request_id, boosted, learner_id=ada)

    assert item.slot is Slot.BOOSTED
    assert item.reasons[0].text.startswith("Promoted by staff until")
    assert panel is not None
    assert panel.item.reasons[0].text == item.reasons[0].text


def test_boosts_and_pins_leave_the_comparison_group_alone(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    hal = learner("hal", enrolled=trained.field("Data")[:4])
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 1.0)
    before = shown(hal)

    pinned = trained.field("Craft")[3].course_id
    api.create_override(ROOT, new(pinned, Change.PIN), now=moment())

    assert shown(hal) == before


@pytest.fixture
def sidebar(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the key of a second surface."""
    surface = declared(additions_sidebar)
    monkeypatch.setitem(SURFACES, surface.key, surface)
    monkeypatch.setitem(BY_CODE, surface.code, surface)
    return surface.key


def test_a_change_acts_only_on_its_surface_and_in_its_time(trained: Shop, sidebar: str) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    course_id = shown(ada)[0]
    elsewhere = new(course_id, Change.HIDE, surface=sidebar)
    later = new(course_id, Change.HIDE, starts_at=moment(days=-2))

    api.create_override(ROOT, elsewhere, now=moment())
    api.create_override(ROOT, later, now=moment())

    assert course_id in shown(ada)


def test_an_undo_acts_at_once_and_both_are_in_the_ledger(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    course_id = shown(ada)[0]
    row = api.create_override(ROOT, new(course_id, Change.HIDE), now=moment())

    undone = api.undo_override(ROOT, row.override_id, now=moment())
    again = api.undo_override(ROOT, row.override_id, now=moment())

    assert course_id in shown(ada)
    assert undone == again
    assert (undone.undone_by, undone.created_by) == ("root", "root")
    entries = signals.ledger_rows(subject=f"course:{course_id}")
    assert [entry.action for entry in entries] == ["override.undone", "override.hide"]
    assert signals.verify_ledger() >= 2


@pytest.mark.parametrize(
    ("actor", "change"),
    [(CLEO, Change.BOOST), (CLEO, Change.PIN), (CLEO, Change.HIDE)],
)
def test_who_may_not_change_does_not(trained: Shop, actor: Actor, change: Change) -> None:
    with pytest.raises(PermissionDenied):
        api.create_override(actor, new(trained.courses[0].course_id, change), now=moment())

    assert not Override.objects.exists()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("strength", {"strength": 1.01}),
        ("strength", {"strength": 0.0}),
        ("strength", {"strength": -0.1}),
        ("surface", {"surface": "moon"}),
        ("reason", {"reason": "  "}),
        ("ends_at", {"ends_at": moment(days=2)}),
        ("ends_at", {"ends_at": moment() + timedelta(days=91)}),
        ("cohort", {"cohort": "goal:Nothing"}),
        ("course_id", {"course_id": 999_999}),
    ],
)
def test_a_change_out_of_limits_is_refused_by_field(
    trained: Shop, field: str, fields: dict[str, object]
) -> None:
    wanted = new(trained.courses[0].course_id, Change.BOOST, **fields)

    with pytest.raises(ValidationError) as refused:
        api.create_override(ROOT, wanted, now=moment())

    assert list(refused.value.message_dict) == [field]
    assert not Override.objects.exists()


def test_an_analyst_moves_less_far_than_an_admin(trained: Shop) -> None:
    course_id = trained.courses[0].course_id

    made = api.create_override(UMA, new(course_id, Change.BOOST, strength=0.2), now=moment())
    asked = api.create_override(UMA, new(course_id, Change.BOOST, strength=0.3), now=moment())
    alone = api.create_override(ROOT, new(course_id, Change.BOOST, strength=0.3), now=moment())
    with pytest.raises(ValidationError):
        api.create_override(UMA, new(course_id, Change.BOOST, strength=0.6), now=moment())

    assert [made.state, asked.state, alone.state] == ["approved", "waiting", "approved"]


def test_a_preview_shows_before_and_after_and_changes_nothing(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    before = shown(ada)
    hidden = new(before[0], Change.HIDE)

    found = api.preview_override(hidden, learner="ada", now=moment())

    assert found.shown_for == "ada"
    assert [item.course_id for item in found.before] == before
    assert before[0] not in [item.course_id for item in found.after]
    assert shown(ada) == before
    assert not Override.objects.exists()


def test_a_preview_without_a_learner_is_of_somebody_new_with_that_goal(trained: Shop) -> None:
    boosted = trained.field("Care")[9]

    found = api.preview_override(new(boosted.course_id, Change.BOOST, strength=0.5), now=moment())

    def place(items: tuple[Item, ...]) -> int:
        courses = [item.course_id for item in items]
        return courses.index(boosted.course_id) if boosted.course_id in courses else 99

    assert "Care" in found.shown_for
    assert place(found.after) < place(found.before)


def test_a_switched_off_surface_shows_the_popular_list(
    trained: Shop, sidebar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    monkeypatch.setattr(
        "experiments.api.flag_active", lambda name, *, learner_id: name == "surface-home-off"
    )

    assert api.recommend(ada, now=moment()).source is Source.POPULAR
    assert api.recommend(ada, surface=sidebar, now=moment()).source is Source.MODEL


def test_the_system_may_do_what_an_admin_may(trained: Shop) -> None:
    row = api.create_override(SYSTEM, new(trained.courses[0].course_id, Change.HIDE), now=moment())

    assert row in api.overrides_in("active", now=moment())
