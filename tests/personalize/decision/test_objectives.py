"""Do people decide what lists strive for, with a floor for progression, and do parts show it?"""

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from personalize.data import Objectives
from personalize.decision import objectives, overrides, policy
from personalize.decision.objectives import NewObjectives
from personalize.decision.policy import Rules, Situation
from personalize.decision.shelf import build
from signals import api
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment
from tests.personalize.shop import open_shop

ADMIN = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
ANALYST = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))


def new(**changed: object) -> NewObjectives:
    """Return weights that may be put in force, but for what is changed."""
    usual: dict[str, object] = {"engagement": 0.1, "progression": 0.2, "reason": "More finishing"}
    return NewObjectives(**{**usual, **changed})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_nothing_was_decided_yet_is_the_usual() -> None:
    assert overrides.read().objectives == objectives.USUAL


@pytest.mark.django_db
def test_a_change_is_in_force_at_once_and_in_the_ledger_with_what_was_before() -> None:
    objectives.change(ADMIN, new(), now=moment())
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
        objectives.change(SYSTEM, new(**changed), now=moment())
    assert field in refused.value.message_dict
    assert overrides.read().objectives == objectives.USUAL


@pytest.mark.django_db
def test_an_analyst_may_not_change_them() -> None:
    with pytest.raises(PermissionDenied, match="admin"):
        objectives.change(ANALYST, new(), now=moment())


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
