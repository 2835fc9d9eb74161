import json
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from experiments import lifecycle
from experiments.api import assign, readout
from experiments.data import FIRST_EXPERIMENT
from experiments.gates.power import needed_per_arm
from experiments.models import Experiment, Snapshot
from experiments.tasks import read_experiments
from signals import api as signals
from signals.clock import now
from signals.data import NewEvent
from signals.request_ids import Arm
from tests.experiments.world import START, UMA, day, started


def ensured() -> Experiment:
    call_command("ensure_experiments", stdout=StringIO())
    return Experiment.objects.get(key=FIRST_EXPERIMENT)


def test_the_first_experiment_is_planned_registered_and_running(db: None) -> None:
    first = ensured()
    assert first.state == "running"
    assert first.digest == first.plan.digest()
    assert first.plan.variants == ("generic", "model")
    assert first.plan.shares == (0.5, 0.5)
    assert first.plan.look_days == (14, 21, 28)
    assert first.plan.metrics == ("ctr", "modules_completed")
    assert first.planned_per_arm == needed_per_arm(first.plan)
    actions = [row.action for row in signals.ledger_rows(subject=FIRST_EXPERIMENT)]
    assert actions == [
        "experiment.started",
        "experiment.approved",
        "experiment.registered",
        "experiment.drafted",
    ]
    assert (first.author, first.approved_by) == ("system:northway", "system:northway")


def test_ensuring_twice_changes_nothing(db: None) -> None:
    first = ensured()
    entries = len(signals.ledger_rows())
    assert ensured().started_at == first.started_at
    assert len(signals.ledger_rows()) == entries


def test_a_stopped_first_experiment_stays_stopped(db: None) -> None:
    ensured()
    lifecycle.stop(UMA, key=FIRST_EXPERIMENT, reason="enough", now=now())
    assert ensured().state == "stopped"


def test_only_a_played_world_chooses_the_moment(db: None, settings: Settings) -> None:
    with pytest.raises(CommandError, match="NORTHWAY_DEMO_CLOCK"):
        call_command("ensure_experiments", now=START.isoformat())
    settings.DEMO_CLOCK = True
    with pytest.raises(CommandError, match="no moment"):
        call_command("ensure_experiments", now="yesterday")
    call_command("ensure_experiments", now=START.isoformat(), stdout=StringIO())
    assert Experiment.objects.get(key=FIRST_EXPERIMENT).started_at == START


def test_reading_with_nothing_due_says_so(db: None) -> None:
    said = StringIO()
    call_command("read_experiments", stdout=said)
    assert said.getvalue() == "No look is due.\n"


def test_due_looks_are_taken_said_and_written(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.DEMO_CLOCK = True
    call_command("ensure_experiments", now=START.isoformat(), stdout=StringIO())
    said, written = StringIO(), tmp_path / "looks.json"
    call_command("read_experiments", now=day(21).isoformat(), json=str(written), stdout=said)
    assert [look["look"] for look in json.loads(written.read_text())] == [1, 2]
    assert said.getvalue().count(FIRST_EXPERIMENT) == 2


def test_the_scheduled_task_takes_the_looks_that_are_due(db: None) -> None:
    started(now() - timedelta(days=15))
    assert read_experiments() == 1
    assert read_experiments() == 0
    assert Snapshot.objects.get().look == 1


def test_in_a_played_world_the_clock_takes_no_look(db: None, settings: Settings) -> None:
    started(now() - timedelta(days=15))
    settings.DEMO_CLOCK = True
    assert read_experiments() == 0
    assert not Snapshot.objects.exists()


def seen_and_done(learner: int, *, clicks: int, lessons: int) -> list[NewEvent]:
    """Two lists of home on day 1, so many of them clicked, so many lessons done (one twice)."""
    lists = [
        signals.new_request_id(at=day(1), surface=1, arm=Arm.PERSONAL, learner_id=learner)
        for _ in range(2)
    ]
    shown = [
        NewEvent("rec.shown", learner, day(1), context={"request_id": str(one)}) for one in lists
    ]
    clicked = [
        NewEvent("rec.clicked", learner, day(1), course_id=1, context={"request_id": str(one)})
        for one in lists[:clicks]
    ]
    done = [
        NewEvent("lesson.completed", learner, day(1 + again), course_id=1, module_id=module)
        for module in range(lessons)
        for again in (0, 1)
    ]
    return shown + clicked + done


def test_clicks_and_lessons_of_learners_reach_the_readout(db: None, settings: Settings) -> None:
    """From assignment to sentence on real rows, recounted by hand."""
    settings.DEMO_CLOCK = True
    call_command("ensure_experiments", now=START.isoformat(), stdout=StringIO())
    done = {"generic": (0, 1), "model": (1, 3)}
    met: Counter[str] = Counter()
    events: list[NewEvent] = []
    for number in range(60):
        learner = signals.ensure_learner(f"learner-{number}", now=START)
        arm = str(assign(learner, surface="home", now=day(0.1)).variant(FIRST_EXPERIMENT))
        clicks, lessons = done.get(arm, (0, 0))
        more = met[arm] % 2  # by turns within an arm, so that chance moves no mean
        met[arm] += 1
        events += seen_and_done(learner, clicks=clicks + more, lessons=lessons + more)
    assert signals.record(events, now=day(3)).accepted == len(events)
    call_command("read_experiments", now=day(28).isoformat(), stdout=StringIO())
    ctr, modules = readout(FIRST_EXPERIMENT, now=day(28)).effects
    assert (ctr.metric, modules.metric) == ("ctr", "modules_completed")
    assert ctr.difference == pytest.approx(0.5, abs=0.15)
    assert modules.difference == pytest.approx(2.0, abs=0.3)
    assert (ctr.reading, modules.reading) == ("better", "better")
