"""What is beyond the limits of a role waits for a second person, and acts on nothing meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from personalize import api
from personalize.data import Change, NewOverride, OverrideRow
from personalize.decision import changes
from personalize.models import Override
from signals import api as signals
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment
from tests.personalize.shop import Shop, learner, states

ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}), account_id=1)
ADA = Actor(ActorKind.STAFF, "ada", frozenset({"admin"}), account_id=2)
UMA = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}), account_id=3)


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


def ledger(course_id: int) -> list[tuple[str, str]]:
    rows = signals.ledger_rows(subject=f"course:{course_id}")
    return [(row.actor, row.action) for row in reversed(rows)]


@pytest.fixture
def ada(trained: Shop) -> int:
    return learner("ada", enrolled=trained.field("Data")[:4])


@pytest.fixture
def asked(ada: int) -> OverrideRow:
    """Return what an analyst asked for: to hide the first course of a list."""
    return api.create_override(UMA, new(shown(ada)[0], Change.HIDE), now=moment())


def test_what_is_asked_for_acts_once_a_second_person_approved(ada: int, asked: OverrideRow) -> None:
    assert asked.state == "waiting"
    assert asked.course_id in shown(ada)
    assert api.overrides_in("active", now=moment()) == ()

    row = api.approve_override(ROOT, asked.override_id, now=moment())

    assert (row.state, row.decided_by) == ("approved", "root")
    assert asked.course_id not in shown(ada)
    assert ledger(asked.course_id) == [
        ("staff:uma", "override.asked"),
        ("staff:root", "override.approved"),
    ]
    assert signals.verify_ledger() >= 2


def test_what_is_refused_never_acts_and_says_why(ada: int, asked: OverrideRow) -> None:
    with pytest.raises(ValidationError):
        api.refuse_override(ROOT, asked.override_id, reason=" ", now=moment())

    row = api.refuse_override(ROOT, asked.override_id, reason="It is good", now=moment())

    assert (row.state, row.decided_why) == ("refused", "It is good")
    assert asked.course_id in shown(ada)
    assert ledger(asked.course_id)[-1] == ("staff:root", "override.refused")
    with pytest.raises(ValidationError):
        api.approve_override(ROOT, asked.override_id, now=moment())


def test_nobody_approves_their_own_under_any_name(trained: Shop) -> None:
    strong = new(trained.courses[0].course_id, Change.BOOST, strength=0.9)
    row = api.create_override(ROOT, strong, now=moment())
    renamed = replace(ROOT, name="toor")

    for actor in (ROOT, renamed, UMA, SYSTEM):
        for step in (api.approve_override, api.refuse_override):
            with pytest.raises(PermissionDenied):
                step(actor, row.override_id, reason="Because", now=moment())

    assert Override.objects.get().state == "waiting"
    assert api.approve_override(ADA, row.override_id, now=moment()).decided_by == "ada"


def test_who_asked_withdraws_it(asked: OverrideRow) -> None:
    api.undo_override(UMA, asked.override_id, now=moment())

    assert ledger(asked.course_id)[-1] == ("staff:uma", "override.withdrawn")
    with pytest.raises(ValidationError):
        api.approve_override(ROOT, asked.override_id, now=moment())


def test_a_change_is_gone_at_its_end_with_no_one_present_and_the_ledger_says_so(
    ada: int, trained: Shop
) -> None:
    soon = moment() + timedelta(minutes=5)
    first, other = shown(ada)[:2]
    api.create_override(ROOT, new(first, Change.HIDE, ends_at=soon), now=moment())
    api.create_override(UMA, new(other, Change.HIDE, ends_at=soon), now=moment())
    assert first not in shown(ada)

    late = [item.course_id for item in api.recommend(ada, k=12, now=soon).items]

    assert first in late  # before any job ran
    assert changes.enter_ends(now=soon - timedelta(seconds=1)) == 0
    assert changes.enter_ends(now=soon) == 2
    assert changes.enter_ends(now=soon) == 0
    assert ledger(first)[-1] == ("system:northway", "override.ended")
    assert ledger(other)[-1] == ("system:northway", "override.lapsed")


def test_a_change_for_a_group_moves_the_lists_of_that_group_alone(ada: int, trained: Shop) -> None:
    newcomer, towards_care = learner("new", enrolled=trained.field("Web")[:1]), learner("care")
    states(towards_care, goal="Care")
    pins = {
        "returning": trained.field("Craft")[3].course_id,
        "new": trained.field("Craft")[4].course_id,
        "goal:Care": trained.field("Craft")[5].course_id,
    }
    for cohort, course_id in pins.items():
        api.create_override(ROOT, new(course_id, Change.PIN, cohort=cohort), now=moment())

    def pinned(learner_id: int) -> list[str]:
        items = api.recommend(learner_id, now=moment()).items
        first = [item.course_id for item in items if item.reasons[0].kind == "pin"]
        return [cohort for cohort, course_id in pins.items() if course_id in first]

    assert pinned(ada) == ["returning"]
    assert pinned(newcomer) == ["new"]
    assert pinned(towards_care) == ["new", "goal:Care"]


def test_a_course_is_hidden_from_everyone_or_no_one(trained: Shop) -> None:
    wanted = new(trained.courses[0].course_id, Change.HIDE, cohort="returning")

    with pytest.raises(ValidationError) as refused:
        api.create_override(ROOT, wanted, now=moment())

    assert list(refused.value.message_dict) == ["cohort"]


def test_a_course_pinned_twice_stands_once(ada: int, trained: Shop) -> None:
    pinned = trained.field("Craft")[3].course_id
    for surface in ("", "home"):
        api.create_override(ROOT, new(pinned, Change.PIN, surface=surface), now=moment())

    assert shown(ada).count(pinned) == 1


def test_small_changes_that_add_up_wait_too(ada: int) -> None:
    course, another = shown(ada)[:2]
    once = new(course, Change.BOOST)
    assert api.create_override(UMA, once, now=moment()).state == "approved"

    assert api.override_beyond(UMA, once, now=moment())
    again = api.create_override(UMA, once, now=moment())
    elsewhere = api.create_override(UMA, replace(once, surface="home"), now=moment())
    for_some = api.create_override(UMA, replace(once, cohort="new"), now=moment())

    assert {again.state, elsewhere.state, for_some.state} == {"waiting"}
    other = api.create_override(UMA, new(another, Change.BOOST), now=moment())
    assert other.state == "approved"


def test_groups_nobody_shares_do_not_add_up(ada: int) -> None:
    once = new(shown(ada)[0], Change.BOOST, cohort="new")
    returning = replace(once, cohort="returning")

    states_ = [api.create_override(UMA, each, now=moment()).state for each in (once, returning)]

    assert states_ == ["approved", "approved"]


def test_days_planned_one_after_another_wait_too(ada: int) -> None:
    course = shown(ada)[0]
    first = new(course, Change.BOOST, starts_at=moment(), ends_at=moment(days=-30))
    then = replace(first, starts_at=moment(days=-31), ends_at=moment(days=-40))

    assert api.create_override(UMA, first, now=moment()).state == "approved"
    assert api.create_override(UMA, then, now=moment()).state == "waiting"
    # When the first is over, its days are no more ahead of anybody.
    assert api.create_override(UMA, then, now=moment(days=-30, minutes=-1)).state == "approved"
