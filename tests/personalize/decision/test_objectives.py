"""Do people decide what lists strive for, with a floor for progression, and do parts show it?"""

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from personalize.data import Aim, ObjectiveRow, Objectives
from personalize.decision import objectives, overrides, policy, snapshot
from personalize.decision.policy import Rules, Situation
from personalize.decision.shelf import build
from personalize.models import Objective
from signals import api
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment
from tests.personalize import aims
from tests.personalize.aims import BOSS, aim
from tests.personalize.shop import open_shop

ADMIN = Actor(ActorKind.STAFF, "root", frozenset({"admin"}), account_id=1)
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
    return objectives.change(actor, aim(wanted), reason=reason, now=moment())


def acting(surface: str = "home", *cohorts: str) -> Objectives:
    """Return what a process reads to be in force."""
    return overrides.read().objectives(surface, now=moment(), cohorts=frozenset(cohorts))


@pytest.mark.django_db
def test_nothing_was_decided_yet_is_the_usual() -> None:
    assert acting() == objectives.USUAL


@pytest.mark.django_db
def test_a_change_is_in_force_at_once_and_in_the_ledger_with_what_was_before() -> None:
    put(ADMIN)
    assert acting() == Objectives(0.1, 0.2)
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
        put(ADMIN, **changed)  # type: ignore[arg-type]
    assert field in refused.value.message_dict
    assert acting() == objectives.USUAL


@pytest.mark.django_db
@pytest.mark.parametrize("ends_at", [None, moment(minutes=1), moment(days=-91)])
def test_without_an_end_or_with_one_too_far_away_nothing_is_in_force(
    ends_at: datetime | None,
) -> None:
    with pytest.raises(ValidationError) as refused:
        objectives.change(ADMIN, Aim(Objectives(0.1, 0.2), ends_at), reason="Why", now=moment())
    assert set(refused.value.message_dict) == {"ends_at"}


@pytest.mark.django_db
def test_an_undo_puts_back_what_was_before_and_says_so_in_the_ledger() -> None:
    put(ADMIN)
    row = put(ADMIN, engagement=0.0, progression=0.3)
    for _ in range(2):  # the second time changes nothing
        objectives.undo(ADMIN, row.objective_id, now=moment())
    assert acting() == Objectives(0.1, 0.2)
    (entry,) = [row for row in api.ledger_rows(limit=5) if row.action == "objectives.undone"]
    assert entry.actor == "staff:root"
    assert "'progression': 0.2" in str(entry.detail["before"])


@pytest.mark.django_db
def test_at_its_end_it_is_over_by_the_clock_and_a_job_says_so_in_the_ledger() -> None:
    put(ADMIN)
    short = Aim(Objectives(0.0, 0.3), moment(days=-2))
    objectives.change(ADMIN, short, reason="Two days", now=moment())
    controls = overrides.read()
    later = moment(days=-2)  # as a process that read nothing since
    assert controls.objectives("home", now=moment()) == Objectives(0.0, 0.3)
    assert controls.objectives("home", now=later) == Objectives(0.1, 0.2)
    assert objectives.enter_ends(now=moment()) == 0
    assert objectives.enter_ends(now=later) == 1
    assert objectives.enter_ends(now=later) == 0
    (entry,) = [row for row in api.ledger_rows(limit=5) if row.action == "objectives.ended"]
    assert entry.actor.startswith("system")
    assert api.verify_ledger() == 3


@pytest.mark.django_db
def test_what_is_meant_for_some_acts_for_nobody_else_and_the_newest_counts() -> None:
    wide, newer = Objectives(0.1, 0.2), Objectives(0.0, 0.25)
    mine = aim(newer, surface="home", cohort="new")
    objectives.change(ADMIN, aim(wide), reason="All", now=moment(hours=1))
    objectives.change(ADMIN, mine, reason="Newcomers", now=moment())
    assert acting("home", "new", "goal:Data") == newer
    assert acting("home", "returning") == acting("explore", "new") == wide
    for surface, cohorts, wanted in (("home", {"new"}, newer), ("explore", {"new"}, wide)):
        assert objectives.at_that_time(moment(), surface=surface, cohorts=cohorts) == wanted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "days", "words"),
    [
        (Objectives(0.1, 0.4), 14, "a weight above 0.3"),
        (Objectives(0.1, 0.2, least_chance=0.1), 14, "a least chance above 6%"),
        (Objectives(0.1, 0.2, provider_share=0.8), 14, "more than 75% of a list"),
        (Objectives(0.1, 0.2, well_known=0.4), 14, "off well-known"),
        (Objectives(0.1, 0.2), 31, "more than 30 days"),
    ],
)
def test_what_is_beyond_the_limits_acts_once_a_second_person_approved(
    wanted: Objectives, days: float, words: str
) -> None:
    row = objectives.change(ADMIN, aim(wanted, days=days), reason="More", now=moment())
    assert (row.state, acting()) == ("waiting", objectives.USUAL)
    entry = api.ledger_rows(limit=1)[0]
    assert words in str(entry.detail["beyond"])
    same_account = replace(BOSS, account_id=ADMIN.account_id)
    for nobody in (ADMIN, same_account, ANALYST, SYSTEM):
        with pytest.raises(PermissionDenied):
            objectives.approve(nobody, row.objective_id, now=moment())
    assert objectives.approve(BOSS, row.objective_id, now=moment()).decided_by == "boss"
    assert acting() == wanted
    with pytest.raises(ValidationError):
        objectives.refuse(BOSS, row.objective_id, reason="Late", now=moment())


@pytest.mark.django_db
def test_an_analyst_asks_and_a_refusal_says_why() -> None:
    row = put(ANALYST)
    assert (row.state, acting()) == ("waiting", objectives.USUAL)
    with pytest.raises(ValidationError):
        objectives.refuse(BOSS, row.objective_id, reason=" ", now=moment())
    refused = objectives.refuse(BOSS, row.objective_id, reason="Too early", now=moment())
    assert (refused.state, refused.decided_why) == ("refused", "Too early")
    withdrawn = objectives.undo(ANALYST, put(ANALYST).objective_id, now=moment())
    assert withdrawn.undone_by == "uma"
    assert acting() == objectives.USUAL
    actions = [entry.action for entry in api.ledger_rows(limit=4)]
    assert actions == [f"objectives.{step}" for step in ("withdrawn", "asked", "refused", "asked")]


@pytest.mark.django_db
def test_who_has_the_name_now_of_somebody_before_withdraws_nothing_of_theirs() -> None:
    asked = put(replace(ANALYST, account_id=7))
    with pytest.raises(PermissionDenied):
        objectives.undo(replace(ANALYST, account_id=8), asked.objective_id, now=moment())
    renamed = replace(ANALYST, name="una", account_id=7)
    assert objectives.undo(renamed, asked.objective_id, now=moment()).undone_by == "una"


@pytest.mark.django_db
def test_what_waits_lapses_at_its_end() -> None:
    row = put(ANALYST)
    later = moment(days=-15)
    with pytest.raises(ValidationError):
        objectives.approve(BOSS, row.objective_id, now=later)
    assert objectives.enter_ends(now=later) == 1
    assert api.ledger_rows(limit=1)[0].action == "objectives.lapsed"


@pytest.mark.django_db
def test_a_creator_may_not_even_ask() -> None:
    with pytest.raises(PermissionDenied, match="admin"):
        put(Actor(ActorKind.STAFF, "cleo", frozenset({"creator"})))


@pytest.mark.django_db
def test_what_was_put_in_force_before_ends_were_asked_for_acts_until_it_is_undone() -> None:
    row = Objective.objects.create(
        engagement=0.0,
        progression=0.2,
        reason="Old",
        created_by="root",
        created_at=moment(days=400),
    )
    assert acting() == Objectives(0.0, 0.2)
    assert objectives.enter_ends(now=moment()) == 0
    objectives.undo(ADMIN, row.pk, now=moment())
    assert acting() == objectives.USUAL


@pytest.mark.django_db
def test_a_least_chance_is_in_force_and_written_down_for_when_the_database_is_away() -> None:
    wanted = Objectives(0.1, 0.2, least_chance=0.04)
    aims.in_force(wanted, reason="Too many long shots")
    assert acting() == wanted
    snapshot.write(courses={}, controls=overrides.read(), popular=(), switched_off=frozenset())
    kept = snapshot.read()
    assert kept is not None
    assert kept.controls.objectives("home", now=moment()) == wanted


@pytest.mark.django_db
def test_caps_are_in_force_and_written_down_for_when_the_database_is_away() -> None:
    wanted = Objectives(0.1, 0.2, field_share=0.5, provider_share=0.25, well_known=0.0)
    aims.in_force(wanted, reason="More of other schools")
    assert acting() == wanted
    snapshot.write(courses={}, controls=overrides.read(), popular=(), switched_off=frozenset())
    kept = snapshot.read()
    assert kept is not None
    assert kept.controls.objectives("home", now=moment()) == wanted


@pytest.mark.django_db
def test_a_snapshot_of_before_there_were_caps_is_read_with_the_usual_ones() -> None:
    snapshot.write(courses={}, controls=overrides.Controls(), popular=(), switched_off=frozenset())
    path = snapshot.folder() / snapshot.NODE
    told = json.loads(path.read_text())
    del told["aims"]
    path.write_text(json.dumps(told | {"objectives": [0.1, 0.3, 0.02]}))
    kept = snapshot.read()
    assert kept is not None
    assert kept.controls.objectives("home", now=moment()) == Objectives(0.1, 0.3, 0.02)


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
        objectives.change(ADMIN, aim(wanted), reason="Why not", now=moment())
    assert set(refused.value.message_dict) == {name}


@pytest.mark.django_db
def test_what_was_in_force_at_a_moment_is_known_later() -> None:
    first = Objectives(0.1, 0.2, field_share=0.5)
    aims.in_force(first, reason="One", at=moment(days=3))
    aims.in_force(Objectives(0.1, 0.4), reason="Two", at=moment(days=1))
    assert objectives.at_that_time(moment(days=4)) == objectives.USUAL
    assert objectives.at_that_time(moment(days=2)) == first


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
