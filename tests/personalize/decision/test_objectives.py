"""Do people decide what lists strive for, with a floor for progression, and do parts show it?"""

import json
from dataclasses import replace

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from personalize.data import ObjectiveRow, Objectives
from personalize.decision import objectives, overrides, policy, snapshot
from personalize.decision.policy import Rules, Situation
from personalize.decision.shelf import build
from signals import api
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment
from tests.personalize.shop import open_shop

ADMIN = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
ANALYST = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))


def put(
    actor: Actor,
    *,
    engagement: float = 0.1,
    progression: float = 0.2,
    reason: str = "More finishing",
) -> ObjectiveRow:
    """Put weights in force that may be, but for what is changed."""
    wanted = Objectives(engagement, progression)
    return objectives.change(actor, wanted, reason=reason, now=moment())


@pytest.mark.django_db
def test_nothing_was_decided_yet_is_the_usual() -> None:
    assert overrides.read().objectives == objectives.USUAL


@pytest.mark.django_db
def test_a_change_is_in_force_at_once_and_in_the_ledger_with_what_was_before() -> None:
    put(ADMIN)
    assert overrides.read().objectives == Objectives(0.1, 0.2)
    entry = next(row for row in api.ledger_rows(limit=5) if row.action == "objectives.changed")
    assert entry.actor == "staff:root"
    assert "More finishing" in str(entry.detail)
    assert str(objectives.USUAL.progression) in str(entry.detail)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"progression": 0.0, "engagement": 0.0}, "progression"),
        ({"progression": 0.1, "engagement": 0.2}, "progression"),
        ({"engagement": -0.1}, "engagement"),
        ({"progression": 0.9}, "progression"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_weights_below_the_floor_or_without_a_reason_are_refused(
    changed: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        put(SYSTEM, **changed)  # type: ignore[arg-type]
    assert field in refused.value.message_dict
    assert overrides.read().objectives == objectives.USUAL


@pytest.mark.django_db
def test_an_analyst_may_not_change_them() -> None:
    with pytest.raises(PermissionDenied, match="admin"):
        put(ANALYST)


@pytest.mark.django_db
def test_an_undo_puts_back_what_was_before_and_says_so_in_the_ledger() -> None:
    put(ADMIN)
    row = put(ADMIN, engagement=0.0, progression=0.3)
    objectives.undo(ADMIN, row.objective_id, reason="Too much", now=moment())
    assert overrides.read().objectives == Objectives(0.1, 0.2)
    entry = next(row for row in api.ledger_rows(limit=5) if row.action == "objectives.undone")
    assert "Too much" in str(entry.detail)


@pytest.mark.django_db
def test_a_least_chance_is_in_force_and_written_down_for_when_the_database_is_away() -> None:
    wanted = Objectives(0.1, 0.2, least_chance=0.04)
    objectives.change(ADMIN, wanted, reason="Too many long shots", now=moment())
    assert overrides.read().objectives == wanted
    snapshot.write(courses={}, controls=overrides.read(), popular=(), switched_off=frozenset())
    kept = snapshot.read()
    assert kept is not None
    assert kept.controls.objectives == wanted


@pytest.mark.django_db
def test_caps_are_in_force_and_written_down_for_when_the_database_is_away() -> None:
    wanted = Objectives(0.1, 0.2, field_share=0.5, provider_share=0.25, well_known=0.0)
    objectives.change(ADMIN, wanted, reason="More of other schools", now=moment())
    assert overrides.read().objectives == wanted
    snapshot.write(courses={}, controls=overrides.read(), popular=(), switched_off=frozenset())
    kept = snapshot.read()
    assert kept is not None
    assert kept.controls.objectives == wanted


@pytest.mark.django_db
def test_a_snapshot_of_before_there_were_caps_is_read_with_the_usual_ones() -> None:
    snapshot.write(courses={}, controls=overrides.Controls(), popular=(), switched_off=frozenset())
    path = snapshot.folder() / snapshot.NODE
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"objectives": [0.1, 0.3, 0.02]}))
    kept = snapshot.read()
    assert kept is not None
    assert kept.controls.objectives == Objectives(0.1, 0.3, 0.02)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("field_share", 0.24),
        ("field_share", 1.01),
        ("provider_share", 0.0),
        ("well_known", -0.01),
        ("well_known", 0.51),
        ("well_known", float("nan")),
    ],
)
def test_a_cap_out_of_bounds_is_refused_at_its_field(name: str, number: float) -> None:
    wanted = replace(objectives.USUAL, **{name: number})
    with pytest.raises(ValidationError) as refused:
        objectives.change(ADMIN, wanted, reason="Why not", now=moment())
    assert set(refused.value.message_dict) == {name}


@pytest.mark.django_db
def test_what_was_in_force_at_a_moment_is_known_later() -> None:
    first = Objectives(0.1, 0.2, field_share=0.5)
    objectives.change(ADMIN, first, reason="One", now=moment(days=3))
    objectives.change(ADMIN, Objectives(0.1, 0.4), reason="Two", now=moment(days=1))
    assert objectives.at_that_time(moment(days=4)) == objectives.USUAL
    assert objectives.at_that_time(moment(days=2)) == first


@pytest.mark.django_db
def test_undoing_the_first_change_puts_back_the_usual() -> None:
    row = put(ADMIN)
    objectives.undo(ADMIN, row.objective_id, reason="Too early", now=moment())
    assert overrides.read().objectives == objectives.USUAL


@pytest.mark.django_db
def test_what_a_newer_change_has_replaced_is_not_undone() -> None:
    first = put(ADMIN)
    put(ADMIN, progression=0.4)
    with pytest.raises(ValidationError, match="since"):
        objectives.undo(ADMIN, first.objective_id, reason="Late", now=moment())
    assert overrides.read().objectives == Objectives(0.1, 0.4)


@pytest.mark.django_db
def test_an_undo_needs_the_role_and_a_reason() -> None:
    row = put(ADMIN)
    with pytest.raises(PermissionDenied, match="admin"):
        objectives.undo(ANALYST, row.objective_id, reason="Why not", now=moment())
    with pytest.raises(ValidationError, match="ledger keeps"):
        objectives.undo(ADMIN, row.objective_id, reason=" ", now=moment())


@pytest.mark.django_db
def test_of_two_that_match_alike_the_likelier_completed_comes_first_by_exactly_its_part() -> None:
    shelf = build({course.course_id: course for course in open_shop().courses})
    n = len(shelf.course_ids)
    completed = np.full(n, 0.5)
    completed[3] = 0.9
    ranked = policy.rank(
        np.full(n, 1.0),
        popularity=np.zeros(n),
        shelf=shelf,
        situation=Situation(likely_opened=np.full(n, 0.1), likely_completed=completed),
        rules=Rules(objectives=Objectives(0.05, 0.1)),
        k=5,
    )
    assert ranked.places[0] == 3
    told = np.full(n, 0.1) * (completed - completed.mean())
    assert ranked.parts["likely_completed"] == pytest.approx(told[ranked.places])
    assert "likely_opened" not in ranked.parts


@pytest.mark.django_db
def test_a_course_the_model_does_not_know_is_neither_lifted_nor_lowered() -> None:
    shelf = build({course.course_id: course for course in open_shop().courses})
    n = len(shelf.course_ids)
    completed = np.linspace(0.1, 0.9, n)
    completed[0] = np.nan
    ranked = policy.rank(
        np.full(n, 1.0),
        popularity=np.zeros(n),
        shelf=shelf,
        situation=Situation(likely_opened=completed, likely_completed=completed),
        rules=Rules(objectives=Objectives(0.05, 0.1)),
        k=n,
    )
    unknown = ranked.places.tolist().index(0)
    assert ranked.parts["likely_completed"][unknown] == 0.0
    assert np.isfinite(ranked.parts["likely_completed"]).all()
