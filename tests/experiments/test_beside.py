"""What stands beside the plan's effects: is it found, and does it stop silent shipping only?"""

from collections.abc import Callable, Sequence

import pytest
from statsmodels.stats.multitest import multipletests

from experiments import lifecycle
from experiments.api import readout, take_due_looks
from experiments.cohorts import UNKNOWN
from experiments.data import ExperimentRefusedError, Readout
from experiments.metrics import METRICS
from experiments.models import Experiment
from experiments.trends import has_weeks
from signals import api as signals
from signals.data import ArmMoments, Asked
from tests.experiments.world import ROOT, UMA, day, started

KEY = "short-first"
N = 4_000
ARMS = ("generic", "model")
SPREAD = {"ctr": 0.5, "modules_completed": 1.5}  # the variance, in means

# metric, day the window begins, cohort, value of it -> the mean of each arm
World = Callable[[str, int, str, str], tuple[float, float]]
VALUES = {
    "tenure": ("new", "returning"),
    "activity": ("some",),
    "language": ("en", "de"),
    "organisation": ("north",),
    "region": ("de-nw",),
    "device": ("phone",),
}


def usual(metric: str, _from_days: int, _cohort: str, _value: str) -> tuple[float, float]:
    """More clicks, as many modules, and nothing to read of any other metric."""
    return {"ctr": (0.08, 0.12), "modules_completed": (1.2, 1.2)}.get(metric, (0.0, 0.0))


def read(monkeypatch: pytest.MonkeyPatch, world: World, *, n: int = N, look: int = 1) -> Readout:
    """Start, and take looks of a world."""

    def measured(
        experiment: str, asked: Sequence[Asked], *, cohort: str | None = None, **_: object
    ) -> dict[Asked, list[ArmMoments]]:
        return {
            one: [
                counts(one.metric, arm, mean, value=value, n=n)
                for value in (VALUES.get(cohort, (UNKNOWN,)) if cohort else ("",))
                for arm, mean in zip(
                    ARMS, world(one.metric, one.from_days, cohort or "", value), strict=True
                )
            ]
            for one in asked
        }

    monkeypatch.setattr(signals, "exposed_counts", lambda *_, **__: dict.fromkeys(ARMS, n))
    monkeypatch.setattr(signals, "measured", measured)
    started()
    at = day((14, 21, 28)[look - 1])
    take_due_looks(now=at)
    return readout(KEY, now=at)


def counts(metric: str, arm: str, mean: float, *, value: str, n: int) -> ArmMoments:
    variance = SPREAD.get(metric, 1.0) * mean
    return ArmMoments(arm, n, n * mean, n * (variance + mean**2), cohort=value)


def ship() -> None:
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    lifecycle.decide(UMA, key=KEY, verdict="ship", reason="better", now=day(29))


def harming_the_new(metric: str, from_days: int, cohort: str, value: str) -> tuple[float, float]:
    means = usual(metric, from_days, cohort, value)
    return (1.2, 1.05) if (metric, value) == ("modules_completed", "new") else means


def fading(metric: str, from_days: int, cohort: str, value: str) -> tuple[float, float]:
    means = usual(metric, from_days, cohort, value)
    weeks = from_days / 7
    return (0.08, 0.14 - 0.02 * min(weeks, 3.5)) if metric == "ctr" and not cohort else means


def test_without_harm_or_fading_the_look_says_ship(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(monkeypatch, usual)
    assert found.advice == "ship"
    assert {each.cohort for each in found.cohorts} == set(VALUES)
    assert {each.reading for each in found.cohorts if each.effect.metric == "ctr"} == {"better"}


def test_a_harmed_cohort_is_named_and_stops_silent_shipping(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(monkeypatch, harming_the_new)
    assert found.advice == "review"
    (harmed,) = [each for each in found.cohorts if each.reading == "worse"]
    assert (harmed.title, harmed.effect.metric) == (
        "Learners who had just come",
        "modules_completed",
    )
    assert "Learners who had just come lose on modules completed in 14 days" in found.sentence
    with pytest.raises(ExperimentRefusedError, match="Learners who had just come lose"):
        ship()


def test_at_the_last_look_people_decide_and_a_second_one_may_stand_in(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(monkeypatch, harming_the_new, look=3).advice == "review"
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    lifecycle.approve_shipping(ROOT, key=KEY, reason="they get a list of their own", now=day(29))
    lifecycle.decide(UMA, key=KEY, verdict="ship", reason="better", now=day(29))
    assert Experiment.objects.get().verdict == "ship"


def test_an_effect_that_is_gone_after_weeks_is_not_told_to_ship(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(monkeypatch, fading)
    (trend,) = found.trends
    assert (trend.reading, trend.lasts) == ("fades", False)
    assert [week for week, *_ in trend.weeks] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert found.advice == "review"
    assert "The effect on click-through per learner fades: +" in found.sentence
    with pytest.raises(ExperimentRefusedError, match="fades"):
        ship()


def test_a_steady_effect_is_not_talked_about(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (trend,) = read(monkeypatch, usual).trends
    assert (trend.reading, trend.lasts, trend.sentence) == ("steady", True, "")


def test_cohorts_are_adjusted_over_all_of_them_and_all_metrics(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(monkeypatch, harming_the_new).cohorts
    expected = multipletests([each.effect.p_value for each in found], method="holm")[1]
    assert len(found) == 2 * sum(map(len, VALUES.values()))
    assert [each.p_adjusted for each in found] == pytest.approx(list(expected))


def test_metrics_beside_the_plan_are_adjusted_for_false_discoveries(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = {"enrolments": (0.5, 0.6), "active_days": (2.0, 2.02), "courses_completed": (0.1, 0.1)}
    found = read(monkeypatch, lambda *asked: beside.get(asked[0], usual(*asked))).secondary
    assert {each.effect.metric for each in found} == set(beside)
    expected = multipletests([each.effect.p_value for each in found], method="fdr_bh")[1]
    assert [each.p_adjusted for each in found] == pytest.approx(list(expected))
    assert {each.effect.metric: each.reading for each in found} == {
        "enrolments": "better",
        "active_days": "not clear",
        "courses_completed": "not clear",
    }


def test_cohorts_of_fewer_than_ten_are_not_shown_and_counts_are_rounded(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(monkeypatch, usual, n=9).cohorts == ()


def test_numbers_of_learners_in_cohorts_are_rounded(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(monkeypatch, usual, n=1_013)
    assert {each.effect.n_variant for each in found.cohorts} == {1_015}


@pytest.mark.parametrize(
    ("metric", "weekly"),
    [("ctr", True), ("modules_completed", True), ("retention_d30", False), ("activation", False)],
)
def test_only_metrics_of_two_weeks_or_more_have_weeks(metric: str, weekly: bool) -> None:
    assert metric in METRICS
    assert has_weeks(metric) == weekly
