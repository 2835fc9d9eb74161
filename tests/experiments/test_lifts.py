"""Key figures against the comparison group: a recount, and when nothing is shown."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from experiments import api, assignment
from experiments.data import FEW, UNEVEN, KeyTarget
from experiments.lifts import lift_of
from signals import api as signals
from signals.data import Actor, ActorKind, ArmMoments, NewEvent
from tests.factories import moment, new_course, new_learner
from tests.signals.derive.happened import answering, store

HELD, OTHERS = 12, 24
ADMIN = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))

pytestmark = pytest.mark.django_db


def world(monkeypatch: pytest.MonkeyPatch, *, share: float) -> tuple[list[int], list[int]]:
    """Let learners see a list, click some and complete lessons; the group by their ids."""
    courses = [new_course(key).course_id for key in "abc"]
    held = [new_learner() for _ in range(HELD)]
    others = [new_learner() for _ in range(OTHERS)]
    monkeypatch.setattr(assignment, "in_holdout", set(held).__contains__)
    monkeypatch.setattr(assignment, "HOLDOUT_SHARE", share)
    at = moment(days=40)
    events = []
    for number, who in enumerate([*held, *others]):
        events.append(shown(who, at))
        events += [
            NewEvent(
                "course.enrolled", who, at + timedelta(hours=place + 1), course_id=courses[place]
            )
            for place in range(1 + (number % 3 if who in others else number == 0))
        ]
    events.append(NewEvent("course.completed", held[0], at, course_id=courses[0]))
    store(events, now=moment())
    return held, others


def shown(who: int, at: datetime) -> NewEvent:
    return NewEvent("rec.shown", who, at, context=answering(who, at))


def test_a_lift_is_the_recount_of_both_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    world(monkeypatch, share=HELD / (HELD + OTHERS))

    assert api.read_lifts(now=moment()) >= 1

    found = api.lifts()["enrolments"]
    others = np.array([1 + number % 3 for number in range(HELD, HELD + OTHERS)], float)
    held = np.array([2] + [1] * (HELD - 1), float)
    lift = others.mean() / held.mean() - 1
    error = (others.var(ddof=1) / OTHERS) ** 0.5 / held.mean()
    assert found.share == pytest.approx(lift, abs=5e-3)
    assert found.held_level == pytest.approx(held.mean(), abs=5e-3)
    assert found.low < lift - 1.95 * error < lift + 1.95 * error < found.high
    assert (found.held, found.others, found.reading) == (10, 25, "better")
    assert found.until == datetime.combine(moment().astimezone(UTC).date(), time(), tzinfo=UTC)


def test_of_too_few_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    world(monkeypatch, share=HELD / (HELD + OTHERS))
    api.read_lifts(now=moment())
    assert api.lifts()["courses_completed"].why == FEW  # one learner of a group completed anything
    assert api.lifts()["revenue"].why == FEW


def test_a_group_that_is_not_its_share_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world(monkeypatch, share=0.9)
    api.read_lifts(now=moment())
    found = api.lifts()
    assert {found[metric].why for metric in ("enrolments", "ctr", "revenue")} == {UNEVEN}
    assert not any(lift.held for lift in found.values())


def test_ten_learners_of_whom_one_did_it_all_are_too_few() -> None:
    one = ArmMoments("apart", 50, 30.0, 900.0, learners=50)
    many = ArmMoments("others", 50, 30.0, 30.0, learners=50)
    assert lift_of("enrolments", [one, many], until=moment()).why == FEW
    assert lift_of("enrolments", [replaced(many), many], until=moment()).why == ""


def test_a_group_whose_learners_are_all_alike_is_not_compared() -> None:
    """Ten of ten came back: an interval from no spread at all would be surer than it may be."""
    alike = ArmMoments("apart", 10, 10.0, 10.0, learners=10)
    many = ArmMoments("others", 255, 244.0, 244.0, learners=255)
    assert lift_of("return", [alike, many], until=moment()).why == FEW
    nearly = ArmMoments("apart", 12, 11.0, 11.0, learners=12)
    assert lift_of("return", [nearly, many], until=moment()).why == ""


def replaced(row: ArmMoments) -> ArmMoments:
    return ArmMoments("apart", row.n, row.total, row.squares, learners=row.learners)


def test_what_nobody_set_is_what_the_product_is_for() -> None:
    wanted = api.key_targets(at=moment())
    assert {metric: wanted[metric].target for metric in ("ctr", "courses_completed")} == {
        "ctr": 0.25,
        "courses_completed": 0.30,
    }
    assert (wanted["satisfaction"].target, wanted["revenue"].target) == (0.20, 0.35)
    assert (wanted["modules_completed"].target, wanted["preference_edits"].target) == (0.65, None)
    assert all(target.is_usual and not target.owner for target in wanted.values())


def test_a_target_is_kept_with_its_owner_and_stands_in_the_ledger() -> None:
    new = KeyTarget("ctr", 0.1, "Uma", "a smaller step first")
    api.set_key_target(ADMIN, new, now=moment())
    kept = api.key_targets(at=moment())["ctr"]
    assert (kept.target, kept.owner, kept.created_by, kept.is_usual) == (0.1, "Uma", "root", False)
    (entry,) = signals.ledger_rows(action_prefix="kpi.")
    assert entry.subject == "ctr"
    assert entry.detail["before"] == {"target": 0.25, "owner": ""}
    assert entry.detail["reason"] == "a smaller step first"


def test_only_an_admin_sets_a_target_and_says_who_and_why() -> None:
    uma = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
    with pytest.raises(PermissionDenied):
        api.set_key_target(uma, KeyTarget("ctr", 0.1, "Uma", "why"), now=moment())
    with pytest.raises(ValidationError) as caught:
        api.set_key_target(ADMIN, KeyTarget("none", 0.1, "Uma", "why"), now=moment())
    assert set(caught.value.message_dict) == {"metric"}
    with pytest.raises(ValidationError) as caught:
        api.set_key_target(ADMIN, KeyTarget("ctr", 99.0, " ", ""), now=moment())
    assert set(caught.value.message_dict) == {"target", "owner", "reason"}
    assert not signals.ledger_rows(action_prefix="kpi.")
