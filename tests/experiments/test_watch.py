"""Is harm stopped at once, and only harm? Through the public function, on moments as given."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from experiments import lifecycle
from experiments.api import (
    assign,
    flag_active,
    ramp_evidence,
    roll_back_harm,
    take_due_looks,
    widen_by_evidence,
)
from experiments.beside import Beside
from experiments.data import Effect, ExperimentRefusedError, Holding
from experiments.models import Experiment, Flag
from experiments.unwatched import MOST_TIMES
from signals import api as signals
from signals.data import ArmMoments, Asked
from tests.experiments.world import ROOT, UMA, day, look, started
from tests.factories import uma

KEY = "short-first"
N = 4_000


def moments(mean: float, *, n: int = N) -> tuple[int, float, float]:
    """A count whose variance is 1.5 times its mean."""
    return n, n * mean, n * (1.5 * mean + mean**2)


class Arms:
    """What signals answers: clicks that rise, and modules as told."""

    def __init__(self, control: float, variant: float, *, n: tuple[int, int] = (N, N)) -> None:
        self.modules = {"generic": moments(control, n=n[0]), "model": moments(variant, n=n[1])}
        self.n = dict(zip(("generic", "model"), n, strict=True))

    def exposed_counts(self, experiment: str, *, as_of: datetime) -> dict[str, int]:
        return self.n

    def measured(
        self,
        experiment: str,
        asked: Sequence[Asked],
        *,
        surfaces: Collection[int],
        as_of: datetime,
        cohort: str | None = None,
    ) -> dict[Asked, list[ArmMoments]]:
        clicks = {"generic": (N, 0.08 * N, 0.03 * N), "model": (N, 0.12 * N, 0.05 * N)}
        return {
            one: [
                ArmMoments(arm, *numbers)
                for arm, numbers in (clicks if one.metric == "ctr" else self.modules).items()
            ]
            for one in asked
        }


def measuring(monkeypatch: pytest.MonkeyPatch, arms: Arms) -> None:
    monkeypatch.setattr(signals, "exposed_counts", arms.exposed_counts)
    monkeypatch.setattr(signals, "measured", arms.measured)


def test_progression_that_falls_stops_the_experiment_and_turns_its_switch_off(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    started()
    learner = signals.ensure_learner("ada", now=day(0))
    assert flag_active(f"experiment:{KEY}", learner_id=learner)
    measuring(monkeypatch, Arms(1.2, 0.9))
    with django_capture_on_commit_callbacks(execute=True):
        (stopped,) = roll_back_harm(now=day(5))
    assert (stopped.key, stopped.metric) == (KEY, "modules_completed")
    assert Experiment.objects.get().state == "stopped"
    assert not flag_active(f"experiment:{KEY}", learner_id=learner)
    assert assign(learner, surface="home", now=day(5)).variant(KEY) == "generic"
    (entry,) = signals.ledger_rows(action_prefix="experiment.stopped")
    assert "fell by 0.30 modules (4,000 learners against 4,000)" in str(entry.detail)
    assert roll_back_harm(now=day(6)) == []


@pytest.mark.parametrize(
    "arms",
    [
        Arms(1.2, 1.2),
        Arms(1.2, 1.6),  # better is no harm
        Arms(1.2, 0.9, n=(N, N // 2)),  # a broken split says nothing
        Arms(1.2, 0.2, n=(9, 9)),  # too few to be read
    ],
)
def test_what_is_no_harm_or_cannot_be_read_goes_on(
    db: None, monkeypatch: pytest.MonkeyPatch, arms: Arms
) -> None:
    started()
    measuring(monkeypatch, arms)
    assert roll_back_harm(now=day(5)) == []
    assert Experiment.objects.get().state == "running"


def test_engagement_alone_is_not_watched(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    started()
    measuring(monkeypatch, Arms(1.2, 1.2))
    clicks_fall = {"generic": (N, 0.12 * N, 0.05 * N), "model": (N, 0.04 * N, 0.02 * N)}

    def falling(experiment: str, asked: Sequence[Asked], **_: object) -> dict[Asked, object]:
        assert "ctr" not in {one.metric for one in asked}
        return {one: [ArmMoments(arm, *n) for arm, n in clicks_fall.items()] for one in asked}

    monkeypatch.setattr(signals, "measured", falling)
    assert [found.metric for found in roll_back_harm(now=day(5))] == ["modules_completed"]


def test_what_was_rolled_back_after_a_good_look_ships_only_with_a_second_approver(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled_back_after_a_good_look(monkeypatch, Arms(1.2, 0.9))
    with pytest.raises(ExperimentRefusedError, match=r"Rolled back by itself: modules.*second"):
        ship()
    lifecycle.approve_shipping(ROOT, key=KEY, reason="the fall was a fault", now=day(29))
    ship()
    assert Experiment.objects.get().verdict == "ship"


def test_what_was_rolled_back_for_a_guardrail_of_all_is_never_shipped(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Holding("consent", "Consent is kept", ok=False, says="One.", verdict="roll back")
    monkeypatch.setattr("experiments.watch.hold_all", lambda _context: (broken,))
    rolled_back_after_a_good_look(monkeypatch, Arms(1.2, 1.2))
    lifecycle.approve_shipping(ROOT, key=KEY, reason="only one", now=day(29))
    with pytest.raises(ExperimentRefusedError, match="Rolled back by itself: One"):
        ship()


def rolled_back_after_a_good_look(monkeypatch: pytest.MonkeyPatch, arms: Arms) -> None:
    started()
    clicks = Effect("ctr", "", "", 0.1, 0.2, 0.1, 0.05, 0.15, 0.001, N, N)
    modules = Effect("modules_completed", "", "", 1.2, 1.2, 0.0, 0.0, 0.1, 0.9, N, N)
    look(results={"trustworthy": True, "effects": [asdict(clicks), asdict(modules)]})
    measuring(monkeypatch, arms)
    assert roll_back_harm(now=day(20))


def ship() -> None:
    lifecycle.decide(UMA, key=KEY, verdict="ship", reason="better", now=day(29))


def test_one_that_cannot_be_read_keeps_no_harm_elsewhere_from_being_stopped(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started(key="unreadable", salt="unreadable:1")
    started()
    unreadable(monkeypatch, Arms(1.2, 0.9))
    assert [stopped.key for stopped in roll_back_harm(now=day(5))] == [KEY]
    assert "unreadable cannot be watched" in caplog.text


def unreadable(monkeypatch: pytest.MonkeyPatch, arms: Arms) -> None:
    """Let nobody read the experiment of this name, and the others as told."""
    measuring(monkeypatch, arms)

    def counts(experiment: str, *, as_of: datetime) -> dict[str, int]:
        if experiment == "unreadable":
            raise LookupError("of learner seventeen")
        return arms.exposed_counts(experiment, as_of=as_of)

    monkeypatch.setattr(signals, "exposed_counts", counts)


@pytest.fixture
def tower(client: Client, db: None) -> Client:
    client.force_login(uma().account)
    return client


def waiting(tower: Client) -> list[tuple[str, str]]:
    found = tower.get("/tower/").context["needs"]
    return [(need.level, need.title) for need in found if "watched" in need.title]


def test_one_that_cannot_be_watched_needs_somebody_at_once_and_is_paused_where_that_goes_on(
    monkeypatch: pytest.MonkeyPatch, tower: Client
) -> None:
    started(key="unreadable", salt="unreadable:1")
    unreadable(monkeypatch, Arms(1.2, 1.2))
    roll_back_harm(now=day(5))
    assert waiting(tower) == [("warn", "“Short lessons first” cannot be watched")]
    for beat in range(1, MOST_TIMES):
        assert Experiment.objects.get().state == "running"
        roll_back_harm(now=day(5) + timedelta(minutes=5 * beat))
    assert waiting(tower) == [("bad", "“Short lessons first” was paused: it cannot be watched")]
    assert Experiment.objects.get().state == "paused"
    assert Flag.objects.get().everyone is False
    told = signals.ledger_rows(action_prefix="experiment.", subject="unreadable")
    assert [row.action for row in told[:2]] == ["experiment.paused", "experiment.unwatched"]
    assert "3 times in a row. Its numbers cannot be read (LookupError)" in str(told[0].detail)
    assert "seventeen" not in str(told[:2])  # what an error says is for the log


def test_one_that_can_be_watched_again_needs_nobody_and_begins_to_count_anew(
    monkeypatch: pytest.MonkeyPatch, tower: Client
) -> None:
    started(key="unreadable", salt="unreadable:1")
    for beat in range(2 * MOST_TIMES):
        with monkeypatch.context() as patch:
            fault = unreadable if beat % MOST_TIMES else measuring
            fault(patch, Arms(1.2, 1.2))
            roll_back_harm(now=day(5) + timedelta(minutes=5 * beat))
    measuring(monkeypatch, Arms(1.2, 1.2))
    roll_back_harm(now=day(6))
    assert waiting(tower) == []
    assert Experiment.objects.get().state == "running"
    told = signals.ledger_rows(action_prefix="experiment.watched", subject="unreadable")
    assert len(told) == 2


def test_one_that_cannot_be_watched_is_opened_to_nobody_else(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(key="unreadable", salt="unreadable:1", ramp=(0.1, 0.25, 0.5, 1.0))
    with monkeypatch.context() as patch:
        unreadable(patch, Arms(1.2, 1.2))
        roll_back_harm(now=day(5))
    measuring(monkeypatch, Arms(1.2, 1.2))
    assert "cannot be watched" in ramp_evidence("unreadable", now=day(5)).says
    assert widen_by_evidence(now=day(5)) == []
    roll_back_harm(now=day(5))
    assert widen_by_evidence(now=day(5)) == [("unreadable", 0.25)]


def test_one_that_cannot_be_read_keeps_no_other_look_from_being_taken(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started(key="unreadable", salt="unreadable:1")
    started()
    monkeypatch.setattr("experiments.looks.look_beside", lambda *_, **__: Beside(()))
    unreadable(monkeypatch, Arms(1.2, 1.2))
    assert [taken.key for taken in take_due_looks(now=day(14))] == [KEY]
    assert "A look at unreadable cannot be taken" in caplog.text


def test_the_command_says_why(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    started()
    measuring(monkeypatch, Arms(1.2, 0.9))
    for expected in ("Rolled back by itself: modules completed", "Nothing that may not fall fell."):
        said = StringIO()
        call_command("watch_experiments", stdout=said)
        assert expected in said.getvalue()
