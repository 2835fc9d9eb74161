from dataclasses import asdict, replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from experiments import history, lifecycle
from experiments.data import Effect, ExperimentRefusedError, People
from experiments.models import Experiment, Flag, Version
from experiments.steps import next_steps
from signals import api as signals
from signals.data import SYSTEM, Actor
from tests.experiments import world
from tests.experiments.plans import plan
from tests.experiments.world import (
    CLEO,
    ROOT,
    START,
    UMA,
    VERA,
    approved,
    day,
    look,
    registered,
    started,
    tampering,
)

KEY = "short-first"


def row() -> Experiment:
    return Experiment.objects.get(key=KEY)


def effect(metric: str, low: float, high: float) -> dict[str, Any]:
    """An effect on a level of 1, so that low and high are shares of the control too."""
    middle = (low + high) / 2
    found = Effect(metric, "", "", 1.0, 1.0 + middle, middle, low, high, 0.01, 1000, 1000)
    return asdict(found)


def snapshot(
    *,
    look: int = 1,
    trustworthy: bool = True,
    ctr: tuple[float, float] = (0.1, 0.3),
    modules: tuple[float, float] | None = (-0.1, 0.2),
) -> None:
    effects = [effect("ctr", *ctr)]
    if modules is not None:
        effects.append(effect("modules_completed", *modules))
    world.look(number=look, results={"trustworthy": trustworthy, "effects": effects})


def ship(actor: Actor = UMA) -> None:
    lifecycle.decide(actor, key=KEY, verdict="ship", reason="better", now=day(29))


def second(actor: Actor = ROOT) -> None:
    lifecycle.approve_shipping(actor, key=KEY, reason="learners asked for it", now=day(29))


def stopped(**changes: Any) -> None:
    started(**changes)
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))


def test_the_whole_way_is_written_in_the_ledger(db: None) -> None:
    started()
    lifecycle.pause(UMA, key=KEY, reason="the list is broken", now=day(3))
    lifecycle.resume(ROOT, key=KEY, reason="mended", now=day(4))
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    lifecycle.decide(UMA, key=KEY, verdict="extend", reason="too few learners", now=day(29))
    lifecycle.archive(UMA, key=KEY, reason="read by all", now=day(30))
    rows = signals.ledger_rows(action_prefix="experiment.", subject=KEY)
    assert [entry.action for entry in reversed(rows)] == [
        "experiment.drafted",
        "experiment.registered",
        "experiment.approved",
        "experiment.started",
        "experiment.paused",
        "experiment.resumed",
        "experiment.stopped",
        "experiment.decided",
        "experiment.archived",
    ]
    assert [entry.actor for entry in rows if entry.action == "experiment.approved"] == [
        "staff:vera"
    ]
    assert rows[1].detail == {"verdict": "extend", "reason": "too few learners"}
    assert rows[0].detail == {"reason": "read by all"}
    assert rows[7].detail["digest"] == row().digest == plan().digest()
    assert row().people == People(
        author="staff:uma",
        registered_by="staff:uma",
        approved_by="staff:vera",
        approved_at=START,
        approval_reason="sound",
        decided_by="staff:uma",
    )
    assert (row().state, row().archived_at) == ("archived", day(30))


def test_a_draft_may_be_edited_and_the_ledger_says_what_changed(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    lifecycle.edit_draft(UMA, plan=plan(mde=0.3), now=START)
    assert row().mde == 0.3
    (edited,) = signals.ledger_rows(action_prefix="experiment.edited")
    assert edited.detail == {"changed": {"mde": [0.25, 0.3]}}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_plan_with_a_number_that_is_none_is_refused(db: None, number: float) -> None:
    with pytest.raises(ExperimentRefusedError, match="finite"):
        lifecycle.create_draft(UMA, plan=plan(mde=number), now=START)
    assert not Experiment.objects.exists()


def test_a_registered_plan_is_not_edited(db: None) -> None:
    registered()
    with pytest.raises(ExperimentRefusedError, match="only one that is draft"):
        lifecycle.edit_draft(UMA, plan=plan(mde=0.3), now=START)


def test_a_registered_plan_is_not_saved_with_another_value(db: None) -> None:
    registered()
    changed = row()
    changed.planned_per_arm = 1
    with pytest.raises(ExperimentRefusedError, match="frozen"):
        changed.save()


def test_a_plan_changed_in_the_database_does_not_start(db: None) -> None:
    approved()
    with tampering():
        Experiment.objects.update(mde=0.5)
    with pytest.raises(ExperimentRefusedError, match="digest"):
        lifecycle.start(UMA, key=KEY, now=START)


def test_a_start_that_a_gate_refuses_changes_nothing(db: None) -> None:
    approved(planned_per_arm=50)
    with pytest.raises(ExperimentRefusedError, match="cannot start") as refusal:
        lifecycle.start(UMA, key=KEY, now=START)
    assert [finding.gate for finding in refusal.value.findings] == ["power"]
    assert row().state == "approved"
    assert row().started_at is None
    assert lifecycle.findings(KEY, now=START) == refusal.value.findings


def test_without_its_off_switch_it_does_not_start(db: None) -> None:
    approved()
    Flag.objects.all().delete()
    with pytest.raises(ExperimentRefusedError, match="flag experiment:short-first"):
        lifecycle.start(UMA, key=KEY, now=START)


@pytest.mark.parametrize(
    "state", ["registered", "approved", "running", "paused", "stopped", "decided"]
)
def test_the_database_refuses_a_state_without_a_frozen_plan(db: None, state: str) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    with pytest.raises(IntegrityError), transaction.atomic(), tampering():
        Experiment.objects.update(state=state)


def test_steps_are_taken_in_order(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    with pytest.raises(ExperimentRefusedError, match="only one that is approved"):
        lifecycle.start(UMA, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="only one that is running or paused"):
        lifecycle.stop(UMA, key=KEY, reason="r", now=START)
    with pytest.raises(ExperimentRefusedError, match="only one that is stopped"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="r", now=START)
    lifecycle.register(UMA, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="only one that is draft"):
        lifecycle.register(UMA, key=KEY, now=START)


def test_a_key_is_taken_once(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    with pytest.raises(ExperimentRefusedError, match="already"):
        lifecycle.create_draft(UMA, plan=plan(title="Second"), now=START)
    assert row().title == plan().title


def test_an_unknown_key_is_refused_with_the_way_to_find_it(db: None) -> None:
    with pytest.raises(ExperimentRefusedError, match="list of experiments"):
        lifecycle.start(UMA, key="nothing", now=START)


def test_only_admins_analysts_and_the_system_decide(db: None) -> None:
    with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
        lifecycle.create_draft(CLEO, plan=plan(), now=START)
    lifecycle.create_draft(SYSTEM, plan=plan(), now=START)
    for step in (lifecycle.register, lifecycle.start):
        with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
            step(CLEO, key=KEY, now=START)
    for reasoned in (
        lifecycle.approve,
        lifecycle.pause,
        lifecycle.resume,
        lifecycle.stop,
        lifecycle.approve_shipping,
        lifecycle.archive,
    ):
        with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
            reasoned(CLEO, key=KEY, reason="r", now=START)
    with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
        lifecycle.decide(CLEO, key=KEY, verdict="review", reason="r", now=START)
    with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
        lifecycle.edit_draft(CLEO, plan=plan(), now=START)


def test_a_stop_and_a_verdict_need_a_reason(db: None) -> None:
    started()
    with pytest.raises(ExperimentRefusedError, match="reason"):
        lifecycle.stop(UMA, key=KEY, reason=" ", now=day(1))
    lifecycle.stop(UMA, key=KEY, reason="over", now=day(1))
    with pytest.raises(ExperimentRefusedError, match="reason"):
        lifecycle.decide(UMA, key=KEY, verdict="review", reason="", now=day(1))


def test_a_verdict_is_one_of_the_known_ones(db: None) -> None:
    stopped()
    with pytest.raises(ExperimentRefusedError, match="ship, roll back"):
        lifecycle.decide(UMA, key=KEY, verdict="win", reason="r", now=day(29))


def test_nothing_ships_that_was_not_read(db: None) -> None:
    stopped()
    with pytest.raises(ExperimentRefusedError, match="Nothing sound"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="r", now=day(29))


def test_a_broken_reading_does_not_ship(db: None) -> None:
    stopped()
    snapshot(trustworthy=False)
    with pytest.raises(ExperimentRefusedError, match="Nothing sound"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="r", now=day(29))


def test_an_exploratory_experiment_does_not_ship(db: None) -> None:
    stopped(exploratory=True, planned_per_arm=100)
    snapshot(trustworthy=True)
    with pytest.raises(ExperimentRefusedError, match="exploratory"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="r", now=day(29))


def test_a_sound_reading_may_ship(db: None) -> None:
    stopped()
    snapshot()
    ship()
    assert (row().state, row().verdict) == ("decided", "ship")


@pytest.mark.parametrize("ctr", [(-0.1, 0.3), (-0.3, -0.1), (0.0, 0.3)])
def test_what_is_not_better_does_not_ship(db: None, ctr: tuple[float, float]) -> None:
    stopped()
    snapshot(ctr=ctr)
    with pytest.raises(ExperimentRefusedError, match="click-through per learner to be better"):
        ship()
    second()
    with pytest.raises(ExperimentRefusedError, match="click-through per learner to be better"):
        ship()


@pytest.mark.parametrize("modules", [(-0.3, -0.1), (-0.11, 0.3), None])
def test_where_progression_may_have_lost_a_second_person_must_approve(
    db: None, modules: tuple[float, float] | None
) -> None:
    stopped()
    snapshot(modules=modules)
    with pytest.raises(ExperimentRefusedError, match="modules completed in 14 days fell by more"):
        ship()
    second()
    ship()
    decided = signals.ledger_rows(action_prefix="experiment.decided")[0]
    assert decided.detail == {"verdict": "ship", "reason": "better", "seconded_by": "staff:root"}
    seconded = signals.ledger_rows(action_prefix="experiment.seconded")[0]
    assert (seconded.actor, seconded.detail) == (
        "staff:root",
        {"reason": "learners asked for it"},
    )


def test_what_should_fall_is_said_to_have_risen(db: None) -> None:
    stopped(guardrails=("modules_completed", "not_for_me"))
    snapshot()
    with pytest.raises(ExperimentRefusedError, match="lists with a course sent away rose by more"):
        ship()


def test_the_last_look_is_the_one_that_counts(db: None) -> None:
    stopped()
    snapshot(look=1)
    snapshot(look=2, ctr=(-0.1, 0.3))
    with pytest.raises(ExperimentRefusedError, match="to be better"):
        ship()


@pytest.mark.parametrize(
    ("approver", "why"),
    [(UMA, "second person"), (VERA, "second person"), (SYSTEM, "second person"), (CLEO, "admins")],
)
def test_the_second_approver_had_no_part_before(db: None, approver: Actor, why: str) -> None:
    stopped()
    snapshot(modules=(-0.3, -0.1))
    with pytest.raises(ExperimentRefusedError, match=why):
        second(approver)
    assert row().seconded_by == ""


def test_the_second_approver_does_not_decide(db: None) -> None:
    stopped()
    snapshot(modules=(-0.3, -0.1))
    second()
    with pytest.raises(ExperimentRefusedError, match="second person"):
        ship(ROOT)


def test_only_a_person_ships(db: None) -> None:
    stopped()
    snapshot()
    with pytest.raises(ExperimentRefusedError, match="Only a person"):
        ship(SYSTEM)
    lifecycle.decide(SYSTEM, key=KEY, verdict="roll back", reason="a guardrail failed", now=day(29))
    assert row().decided_by == "system:northway"


def test_a_margin_of_the_plan_decides_what_a_loss_is(db: None) -> None:
    stopped(margins=(0.2,))
    lost = effect("modules_completed", -0.15, 0.1) | {"margin": 0.2}
    world.look(results={"trustworthy": True, "effects": [effect("ctr", 0.1, 0.3), lost]})
    ship()
    assert row().verdict == "ship"


@pytest.mark.parametrize("approver", [UMA, SYSTEM])
def test_nobody_approves_what_they_wrote(db: None, approver: Actor) -> None:
    registered()
    with pytest.raises(ExperimentRefusedError, match="second person"):
        lifecycle.approve(approver, key=KEY, reason="mine", now=START)


def test_who_edited_a_draft_wrote_it_too(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    lifecycle.edit_draft(VERA, plan=plan(mde=0.3), now=START)
    lifecycle.register(UMA, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="second person"):
        lifecycle.approve(VERA, key=KEY, reason="mine", now=START)
    lifecycle.approve(ROOT, key=KEY, reason="sound", now=START)
    assert row().approved_by == "staff:root"


def test_who_froze_a_plan_of_somebody_else_may_not_approve_it(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    lifecycle.register(VERA, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="second person"):
        lifecycle.approve(VERA, key=KEY, reason="mine", now=START)
    lifecycle.approve(ROOT, key=KEY, reason="sound", now=START)
    assert row().approved_by == "staff:root"


def test_the_product_approves_no_plan_but_its_own(db: None) -> None:
    lifecycle.create_draft(SYSTEM, plan=plan(), now=START)
    lifecycle.register(SYSTEM, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="second person"):
        lifecycle.approve(SYSTEM, key=KEY, reason="mine", now=START)


def test_an_approval_needs_a_reason(db: None) -> None:
    registered()
    with pytest.raises(ExperimentRefusedError, match="reason"):
        lifecycle.approve(VERA, key=KEY, reason=" ", now=START)


def test_every_version_of_a_draft_is_kept(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    lifecycle.edit_draft(VERA, plan=plan(mde=0.3), now=day(1))
    lifecycle.edit_draft(VERA, plan=plan(mde=0.3), now=day(2))  # changes nothing
    lifecycle.edit_draft(ROOT, plan=plan(mde=0.3, look_days=(14, 28)), now=day(3))
    third, second_version, first = history.versions(KEY)
    assert (first.number, first.by, first.at, first.changed) == (1, "staff:uma", START, {})
    assert (second_version.by, second_version.changed) == ("staff:vera", {"mde": ("0.25", "0.3")})
    assert third.changed == {"look_days": ("14, 21, 28", "14, 28")}
    kept = Version.objects.order_by("number").values_list("plan__mde", flat=True)
    assert list(kept) == [0.25, 0.3, 0.3]


def test_a_paused_experiment_goes_on_through_the_gates(db: None) -> None:
    started()
    lifecycle.pause(UMA, key=KEY, reason="the list is broken", now=day(3))
    assert row().paused_at == day(3)
    Flag.objects.all().delete()
    with pytest.raises(ExperimentRefusedError, match="flag experiment:short-first"):
        lifecycle.resume(UMA, key=KEY, reason="mended", now=day(4))
    assert row().state == "paused"


def test_two_experiments_do_not_hold_the_same_part_of_a_namespace(db: None) -> None:
    started(namespace="home", namespace_to=0.5)
    world.approved(key="b", salt="b:1", namespace="home", namespace_from=0.4)
    with pytest.raises(ExperimentRefusedError, match=r"0 to 0\.5"):
        lifecycle.start(UMA, key="b", now=START)
    world.started(key="c", salt="c:1", namespace="home", namespace_from=0.5)
    world.approved(key="d", salt="d:1", namespace="home", hash="growthbook")
    with pytest.raises(ExperimentRefusedError, match="blake2b: do so too"):
        lifecycle.start(UMA, key="d", now=START)


def test_what_never_ran_may_be_archived_and_what_runs_may_not(db: None) -> None:
    registered()
    lifecycle.archive(UMA, key=KEY, reason="no longer wanted", now=START)
    assert row().state == "archived"
    world.started(key="b", salt="b:1")
    with pytest.raises(ExperimentRefusedError, match="b is running"):
        lifecycle.archive(UMA, key="b", reason="r", now=START)


def test_a_missing_switch_keeps_nothing_from_being_stopped(db: None) -> None:
    started()
    Flag.objects.all().delete()
    lifecycle.stop(UMA, key=KEY, reason="over", now=day(1))
    assert (row().state, Flag.objects.get().share()) == ("stopped", 0)


def test_the_switch_follows_start_pause_and_stop(db: None) -> None:
    approved()
    shares = [Flag.objects.get().share()]
    lifecycle.start(UMA, key=KEY, now=START)
    shares.append(Flag.objects.get().share())
    lifecycle.pause(UMA, key=KEY, reason="broken", now=START)
    shares.append(Flag.objects.get().share())
    lifecycle.resume(UMA, key=KEY, reason="mended", now=START)
    shares.append(Flag.objects.get().share())
    lifecycle.stop(UMA, key=KEY, reason="over", now=day(1))
    shares.append(Flag.objects.get().share())
    assert shares == [0, 1, 0, 1, 0]


ULLA = replace(UMA, name="ulla", account_id=7)  # uma, after she married
WAS = replace(UMA, account_id=7)


def test_a_new_name_makes_nobody_a_second_person(db: None) -> None:
    lifecycle.create_draft(WAS, plan=plan(), now=START)
    lifecycle.register(ROOT, key=plan().key, now=START)
    with pytest.raises(ExperimentRefusedError, match="second person"):
        lifecycle.approve(ULLA, key=plan().key, reason="sound", now=START)
    (step, *_) = next_steps(ULLA, key=plan().key, now=START)
    assert "second person" in step.why_not
    lifecycle.approve(replace(VERA, account_id=8), key=plan().key, reason="sound", now=START)


def test_a_new_name_makes_nobody_a_third_person_either(db: None) -> None:
    lifecycle.create_draft(WAS, plan=plan(), now=START)
    lifecycle.register(WAS, key=plan().key, now=START)
    lifecycle.approve(replace(VERA, account_id=8), key=plan().key, reason="sound", now=START)
    lifecycle.start(WAS, key=plan().key, now=START)
    lost = [effect("ctr", 0.1, 0.3), effect("modules_completed", -0.5, 0.2)]
    look(number=3, results={"trustworthy": True, "effects": lost})
    lifecycle.stop(WAS, key=plan().key, reason="all looks taken", now=day(28))
    for who in (ULLA, replace(VERA, name="vroni", account_id=8)):
        with pytest.raises(ExperimentRefusedError, match="second person"):
            lifecycle.approve_shipping(who, key=plan().key, reason="why not", now=day(29))
    cara = replace(ROOT, name="cara", account_id=9)
    lifecycle.approve_shipping(cara, key=plan().key, reason="a fault", now=day(29))
    with pytest.raises(ExperimentRefusedError, match="second person"):
        ship_as(replace(cara, name="carla"))
    ship_as(ULLA)


def ship_as(actor: Actor) -> None:
    lifecycle.decide(actor, key=plan().key, verdict="ship", reason="better", now=day(29))
