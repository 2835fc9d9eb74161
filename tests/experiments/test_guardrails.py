"""Do the guardrails that no plan can leave out hold, and stop what breaks them?"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from experiments import lifecycle, served
from experiments.api import assign, readout, roll_back_harm, take_due_looks
from experiments.data import Effect, ExperimentRefusedError, Holding, Period, ServedReader
from experiments.guardrails import calibration, consent, fairness, staleness
from experiments.guardrails.context import Context
from experiments.guardrails.registry import GUARDRAILS, hold_all
from experiments.models import Experiment
from experiments.served import tell_served
from signals import api as signals
from signals.data import SYSTEM, ArmMoments, Asked, Exposed, Purpose
from tests.experiments.plans import plan
from tests.experiments.world import ROOT, START, UMA, day, look, started

KEY = "short-first"
N = 4_000


@pytest.fixture(autouse=True)
def _reader() -> Iterator[None]:
    before = served.reader()
    yield
    tell_served(before)


def context(*, as_of: float = 20, sound: bool = True) -> Context:
    return Context(plan(), as_of=day(as_of), sound=sound)


def exposed(name: str, *, arm: str = "model", at: float = 1) -> int:
    learner = signals.ensure_learner(name, now=START)
    signals.expose([Exposed(KEY, learner, arm, day(at))])
    return learner


def switched(learner: int, *, granted: bool, at: float) -> None:
    signals.set_consent(
        learner,
        purpose=Purpose.PERSONALIZATION,
        granted=granted,
        via="page",
        actor=SYSTEM,
        now=day(at),
    )


def log_holds(lists: int, *, asked: list[Period] | None = None) -> None:
    def against_will(periods: Sequence[Period]) -> int:
        if asked is not None:
            asked.extend(periods)
        return lists

    tell_served(ServedReader(against_will=against_will, model_ages=lambda *_: ()))


def test_an_objection_before_the_exposure_breaks_consent(db: None) -> None:
    learner = exposed("ada", at=2)
    switched(learner, granted=False, at=1)
    found = consent.check(context())
    assert not found.ok
    assert found.verdict == "roll back"
    assert found.evidence["exposed"] == {"generic": 0, "model": 1}


def test_an_objection_afterwards_and_one_that_was_taken_back_break_nothing(db: None) -> None:
    switched(exposed("ada", at=2), granted=False, at=3)
    ben = exposed("ben", at=5)
    switched(ben, granted=False, at=1)
    switched(ben, granted=True, at=4)
    found = consent.check(context())
    assert found.ok
    assert found.evidence["objected"] == 2


def test_a_request_that_was_under_way_when_the_learner_objected_is_no_violation(db: None) -> None:
    learner = exposed("ada", at=2)
    switched(learner, granted=False, at=2 - 1 / 86_400)
    assert consent.check(context()).ok


def test_a_list_of_their_own_while_they_objected_breaks_consent(db: None) -> None:
    learner = exposed("ada", at=1)
    switched(learner, granted=False, at=3)
    switched(learner, granted=True, at=6)
    asked: list[Period] = []
    log_holds(1, asked=asked)
    assert not consent.check(context()).ok
    ((who, since, until),) = asked
    assert (who, until) == (learner, day(6))
    assert day(3) < since < day(3) + timedelta(seconds=10)


def test_a_list_from_before_the_exposure_is_not_laid_at_its_door(db: None) -> None:
    early, during = exposed("ada", at=5), exposed("ben", at=5)
    switched(early, granted=False, at=1)
    switched(early, granted=True, at=3)
    switched(during, granted=False, at=4)
    switched(during, granted=True, at=8)
    asked: list[Period] = []
    log_holds(0, asked=asked)
    consent.check(context())
    assert asked == [(during, day(5), day(8))]


def test_a_violation_stops_a_running_experiment_whatever_its_plan_names(db: None) -> None:
    started()
    learner = exposed("ada", at=2)
    switched(learner, granted=False, at=1)
    (stopped,) = roll_back_harm(now=day(5))
    assert stopped.metric == "consent"
    assert Experiment.objects.get().state == "stopped"
    assert assign(learner, surface="home", now=day(5)).variant(KEY) != "model"


def test_what_broke_consent_is_not_shipped_whoever_stands_in_for_it(db: None) -> None:
    started()
    broken = Holding("consent", consent.TITLE, ok=False, says="One.", verdict="roll back")
    gained = Effect("ctr", "", "", 0.1, 0.2, 0.1, 0.05, 0.15, 0.001, 1000, 1000)
    modules = replace(gained, metric="modules_completed", control_mean=1.0, low=0.0)
    results = {
        "trustworthy": True,
        "effects": [asdict(gained), asdict(modules)],
        "guardrails": [asdict(broken)],
    }
    look(results=results)
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    lifecycle.approve_shipping(ROOT, key=KEY, reason="only one", now=day(29))
    with pytest.raises(ExperimentRefusedError, match="Consent is kept: not so"):
        lifecycle.decide(UMA, key=KEY, verdict="ship", reason="better", now=day(29))


def test_every_look_keeps_what_each_guardrail_said(db: None) -> None:
    started()
    learner = exposed("ada", at=2)
    switched(learner, granted=False, at=1)
    take_due_looks(now=day(14))
    found = readout(KEY, now=day(14))
    assert {each.guardrail: each.ok for each in found.guardrails} == {
        "consent": False,
        "fairness": True,
        "calibration": True,
        "staleness": True,
    }
    assert found.advice in {"roll back", "invalid"}
    assert "had objected" in found.sentence


def test_no_plan_can_leave_a_guardrail_out() -> None:
    names = [each.__module__.rpartition(".")[2] for each in GUARDRAILS]
    assert names == ["consent", "fairness", "calibration", "staleness"]
    assert not set(names) & set(plan().guardrails)


class Cohorts:
    """What signals answers: modules by tenure, the same in the other cohorts' only value."""

    def __init__(self, means: dict[str, tuple[float, float]], *, n: int = N) -> None:
        self.means = means  # value -> control, variant
        self.n = n

    def measured(
        self, experiment: str, asked: Sequence[Asked], *, cohort: str | None = None, **_: object
    ) -> dict[Asked, list[ArmMoments]]:
        values = self.means if cohort == "tenure" else {}
        return {
            one: [
                counts(arm, mean, cohort=value, n=self.n)
                for value, means in values.items()
                for arm, mean in zip(("generic", "model"), means, strict=True)
            ]
            for one in asked
        }


def counts(arm: str, mean: float, *, cohort: str, n: int) -> ArmMoments:
    """A count whose variance is 1.5 times its mean."""
    return ArmMoments(arm, n, n * mean, n * (1.5 * mean + mean**2), cohort=cohort)


def judged(monkeypatch: pytest.MonkeyPatch, **means: tuple[float, float]) -> Holding:
    monkeypatch.setattr(signals, "measured", Cohorts(means).measured)
    return fairness.check(context())


def test_a_cohort_the_variant_leaves_behind_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(monkeypatch, new=(1.2, 0.8), returning=(1.2, 1.3))
    assert (found.ok, found.verdict) == (False, "roll back")
    assert "Learners who had just come reach 62% of what all others do" in found.says


def test_what_was_so_before_is_said_and_not_laid_at_the_variants_door(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = judged(monkeypatch, new=(0.8, 0.8), returning=(1.3, 1.3))
    assert (found.ok, found.verdict) == (True, "")
    assert "not shown to have caused it" in found.says


@pytest.mark.parametrize(
    "means",
    [
        {"new": (1.2, 1.15), "returning": (1.2, 1.3)},  # 88% is above the bound
        {"new": (1.2, 1.2), "unknown": (1.2, 0.2)},  # nobody knows who they are
        {"new": (1.2, 1.2)},  # there are no others
        {"new": (0.5, 0.5), "returning": (0.0, 0.0)},  # others reach nothing
    ],
)
def test_what_is_above_the_bound_or_cannot_be_judged_holds(
    monkeypatch: pytest.MonkeyPatch, means: dict[str, tuple[float, float]]
) -> None:
    assert judged(monkeypatch, **means).ok


def test_too_few_learners_show_nothing_about_fairness(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Cohorts({"new": (1.2, 0.2), "returning": (1.2, 1.3)}, n=9)
    monkeypatch.setattr(signals, "measured", few.measured)
    assert fairness.check(context()).ok


def test_a_broken_split_is_no_evidence_about_cohorts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        signals, "measured", Cohorts({"new": (1.2, 0.2), "returning": (1.2, 1.3)}).measured
    )
    assert fairness.check(context(sound=False)).ok


def ages(control: float, variant: float, *, learners: int = 50) -> None:
    hours = {1: control, 2: variant}

    def model_ages(who: Sequence[int], since: datetime, until: datetime) -> list[float]:
        assert until - since == timedelta(days=1)
        return [hours[who[0]] + at % 5 for at in range(learners)]

    tell_served(ServedReader(against_will=lambda _: 0, model_ages=model_ages))


@pytest.mark.parametrize(
    ("control", "variant", "ok", "older"),
    [
        (3.0, 3.0, True, ""),
        (3.0, 20.0, True, ""),
        (20.0, 3.0, True, ""),
        (3.0, 60.0, False, "model"),
        (60.0, 3.0, False, "generic"),
    ],
)
def test_an_arm_that_decides_by_models_a_day_older_makes_the_reading_invalid(
    monkeypatch: pytest.MonkeyPatch, control: float, variant: float, ok: bool, older: str
) -> None:
    monkeypatch.setattr(signals, "exposed_lately", lambda *_, **__: {"generic": [1], "model": [2]})
    ages(control, variant)
    found = staleness.check(context())
    assert found.ok == ok
    assert found.verdict == ("" if ok else "invalid")
    assert ok or found.says.startswith(f"Lists of {older} were made by models 57 hours older")


def test_an_arm_without_a_model_has_no_age(db: None) -> None:
    exposed("ada")
    assert staleness.check(context()).ok


def test_the_newest_of_each_arm_are_asked_for(db: None) -> None:
    early, late = exposed("ada", at=1), exposed("ben", at=2)
    other = exposed("cleo", arm="generic", at=1)
    found = signals.exposed_lately(KEY, as_of=day(3), most=1)
    assert found == {"model": [late], "generic": [other]}
    assert early not in found["model"]


def test_all_guardrails_are_asked_in_order(db: None) -> None:
    assert [each.title for each in hold_all(context())] == [
        consent.TITLE,
        fairness.TITLE,
        calibration.TITLE,
        staleness.TITLE,
    ]
