"""Does a start notice that there is not what a plan claims? Held against the days behind."""

from collections.abc import Callable

import pytest

from experiments import api, lifecycle
from experiments.data import ExperimentRefusedError, Finding
from experiments.models import Experiment
from signals import api as signals
from signals.data import SYSTEM, ArmMoments
from tests.experiments.plans import plan
from tests.experiments.world import ROOT, START, UMA, approved, day, registered, started

KEY = plan().key
PLANNED = plan().planned_per_arm
REACHED = 0.95 / 2  # of the learners there are, in each arm: a twentieth is the comparison group

pytestmark = pytest.mark.django_db


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Let so many learners have come in the days behind; the list grows at every reading."""

    def behind(learners: int, *, mean: float = 0.08, mean_square: float = 0.079) -> list[int]:
        usual = ArmMoments("", learners, mean * learners, mean_square * learners)
        read: list[int] = []

        def answer(*_: object, days: int, **__: object) -> ArmMoments:
            read.append(days)
            return usual

        monkeypatch.setattr(signals, "usual_moments", answer)
        return read

    return behind


def refused() -> tuple[Finding, ...]:
    with pytest.raises(ExperimentRefusedError, match="cannot start") as refusal:
        lifecycle.start(UMA, key=KEY, now=START)
    assert Experiment.objects.get(key=KEY).state == "approved"
    return refusal.value.findings


@pytest.mark.parametrize(("part", "starts"), [(1.0, True), (0.7, True), (0.6, False)])
def test_a_plan_promises_no_more_than_half_again_of_the_learners_there_are(
    come: Callable[..., list[int]], part: float, starts: bool
) -> None:
    approved()
    come(int(part * PLANNED / REACHED))
    assert (lifecycle.findings(KEY, now=START) == ()) is starts


def test_a_start_with_too_few_learners_says_how_many_there_are(
    come: Callable[..., list[int]],
) -> None:
    approved()
    come(1000)
    (found,) = refused()
    assert found.gate == "reach"
    assert "in the last 28 days there were 475 for each" in found.detail


def test_a_spread_that_was_made_up_does_not_make_a_plan_large_enough(
    come: Callable[..., list[int]],
) -> None:
    approved(baseline_sd=0.02, planned_per_arm=100)
    come(PLANNED)
    (found,) = refused()
    assert found.title == "Learners differ more than the plan says"
    spread = (0.079 - 0.08**2) ** 0.5
    needed = api.needed_per_arm(plan(baseline_sd=spread))
    assert found.evidence["needed"] == pytest.approx(needed, rel=1e-3)


def test_a_level_that_was_made_up_does_not_either(come: Callable[..., list[int]]) -> None:
    approved(baseline_mean=0.9, planned_per_arm=100)
    come(PLANNED)
    (found,) = refused()
    assert found.title == "Learners differ more than the plan says"


@pytest.mark.parametrize("learners", [0, 9])
def test_of_a_platform_that_nobody_came_to_nothing_is_known(
    come: Callable[..., list[int]], learners: int
) -> None:
    approved()
    come(learners)
    lifecycle.start(UMA, key=KEY, now=START)
    assert Experiment.objects.get(key=KEY).state == "running"


def test_what_only_teaches_is_not_asked(come: Callable[..., list[int]]) -> None:
    approved(exploratory=True)
    read = come(1000)
    lifecycle.start(UMA, key=KEY, now=START)
    assert read == []


def test_who_goes_on_after_a_pause_is_not_asked_again(come: Callable[..., list[int]]) -> None:
    started()
    lifecycle.pause(UMA, key=KEY, reason="look into it", now=day(1))
    read = come(1000)
    lifecycle.resume(ROOT, key=KEY, reason="all is well", now=day(2))
    assert read == []


def test_a_plan_that_makes_no_sense_costs_no_reading(come: Callable[..., list[int]]) -> None:
    registered(look_days=())
    read = come(1000)
    assert "reach" not in {one.gate for one in lifecycle.findings(KEY, now=START)}
    assert read == []


def test_a_page_that_is_opened_again_reads_nothing_again(come: Callable[..., list[int]]) -> None:
    approved()
    read = come(1000)
    first = lifecycle.findings(KEY, now=START)
    assert lifecycle.findings(KEY, now=day(0.01)) == first != ()
    assert read == [28]


def test_the_product_s_own_experiment_starts_beside_any_number_of_learners(
    come: Callable[..., list[int]],
) -> None:
    come(20)
    assert api.ensure_first_experiment(SYSTEM, now=START) == "running"
