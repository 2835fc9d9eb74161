from dataclasses import asdict
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from experiments import lifecycle
from experiments.data import Effect, ExperimentRefusedError
from experiments.models import Experiment, Flag, Snapshot
from signals import api as signals
from signals.data import SYSTEM, Actor
from tests.experiments.plans import plan
from tests.experiments.world import CLEO, ROOT, START, UMA, day, registered, started

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
    Snapshot.objects.create(
        experiment=row(),
        look=look,
        taken_at=START,
        results={"trustworthy": trustworthy, "effects": effects},
    )


def ship(**more: Any) -> None:
    lifecycle.decide(UMA, key=KEY, verdict="ship", reason="better", now=day(29), **more)


def stopped(**changes: Any) -> None:
    started(**changes)
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))


def test_the_whole_way_is_written_in_the_ledger(db: None) -> None:
    stopped()
    lifecycle.decide(UMA, key=KEY, verdict="extend", reason="too few learners", now=day(29))
    rows = signals.ledger_rows(action_prefix="experiment.", subject=KEY)
    assert [entry.action for entry in reversed(rows)] == [
        "experiment.drafted",
        "experiment.registered",
        "experiment.started",
        "experiment.stopped",
        "experiment.decided",
    ]
    assert {entry.actor for entry in rows} == {"staff:uma"}
    assert rows[0].detail == {"verdict": "extend", "reason": "too few learners"}
    assert rows[3].detail["digest"] == row().digest == plan().digest()


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
    with pytest.raises(ExperimentRefusedError, match="only a draft"):
        lifecycle.edit_draft(UMA, plan=plan(mde=0.3), now=START)


def test_a_registered_plan_is_not_saved_with_another_value(db: None) -> None:
    registered()
    changed = row()
    changed.planned_per_arm = 1
    with pytest.raises(ExperimentRefusedError, match="frozen"):
        changed.save()


def test_a_plan_changed_in_the_database_does_not_start(db: None) -> None:
    registered()
    Experiment.objects.update(mde=0.5)
    with pytest.raises(ExperimentRefusedError, match="digest"):
        lifecycle.start(UMA, key=KEY, now=START)


def test_a_start_that_a_gate_refuses_changes_nothing(db: None) -> None:
    registered(planned_per_arm=50)
    with pytest.raises(ExperimentRefusedError, match="cannot start") as refusal:
        lifecycle.start(UMA, key=KEY, now=START)
    assert [finding.gate for finding in refusal.value.findings] == ["power"]
    assert row().state == "registered"
    assert row().started_at is None
    assert lifecycle.findings(KEY) == refusal.value.findings


def test_without_its_off_switch_it_does_not_start(db: None) -> None:
    registered()
    Flag.objects.all().delete()
    with pytest.raises(ExperimentRefusedError, match="flag experiment:short-first"):
        lifecycle.start(UMA, key=KEY, now=START)


@pytest.mark.parametrize("state", ["registered", "running", "stopped", "decided"])
def test_the_database_refuses_a_state_without_a_frozen_plan(db: None, state: str) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.update(state=state)


def test_steps_are_taken_in_order(db: None) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    with pytest.raises(ExperimentRefusedError, match="only a registered"):
        lifecycle.start(UMA, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="only a running"):
        lifecycle.stop(UMA, key=KEY, reason="r", now=START)
    with pytest.raises(ExperimentRefusedError, match="only a stopped"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="r", now=START)
    lifecycle.register(UMA, key=KEY, now=START)
    with pytest.raises(ExperimentRefusedError, match="only a draft"):
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
    with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
        lifecycle.stop(CLEO, key=KEY, reason="r", now=START)
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
        ship(approver=ROOT)


@pytest.mark.parametrize("modules", [(-0.3, -0.1), (-0.11, 0.3), None])
def test_where_progression_may_have_lost_a_second_person_must_approve(
    db: None, modules: tuple[float, float] | None
) -> None:
    stopped()
    snapshot(modules=modules)
    with pytest.raises(ExperimentRefusedError, match="modules completed in 14 days fell by more"):
        ship()
    ship(approver=ROOT)
    decided = signals.ledger_rows(action_prefix="experiment.decided")[0]
    assert decided.detail == {"verdict": "ship", "reason": "better", "approver": "root"}


def test_the_last_look_is_the_one_that_counts(db: None) -> None:
    stopped()
    snapshot(look=1)
    snapshot(look=2, ctr=(-0.1, 0.3))
    with pytest.raises(ExperimentRefusedError, match="to be better"):
        ship()


@pytest.mark.parametrize(
    ("approver", "why"), [(UMA, "second person"), (SYSTEM, "second person"), (CLEO, "admins")]
)
def test_the_second_person_is_another_who_may_decide(db: None, approver: Actor, why: str) -> None:
    stopped()
    snapshot(modules=(-0.3, -0.1))
    with pytest.raises(ExperimentRefusedError, match=why):
        ship(approver=approver)
    assert row().verdict == ""


def test_the_switch_follows_start_and_stop(db: None) -> None:
    registered()
    shares = [Flag.objects.get().share()]
    lifecycle.start(UMA, key=KEY, now=START)
    shares.append(Flag.objects.get().share())
    lifecycle.stop(UMA, key=KEY, reason="over", now=day(1))
    shares.append(Flag.objects.get().share())
    assert shares == [0, 1, 0]
