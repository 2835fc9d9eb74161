"""Is an experiment stopped where what it says to be likely does not come true for some?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from experiments import served
from experiments.cohorts import COHORTS
from experiments.data import Promised, ServedReader
from experiments.guardrails import calibration
from experiments.guardrails.context import Context
from experiments.served import tell_served
from signals import api as signals
from tests.experiments.plans import plan
from tests.experiments.world import day

N = 400  # learners of each kind and arm
NEW, RETURNING = "Learners who had just come", "Learners who had been here for a week or more"
Gaps = tuple[float, float]  # of the new, and of those who return


@pytest.fixture(autouse=True)
def _reader() -> Iterator[None]:
    before = served.reader()
    yield
    tell_served(before)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Let learners below 10,000 be in the control, and even ones be new; return moments asked."""
    moments: list[datetime] = []

    def exposed_lately(_key: str, *, as_of: datetime, most: int) -> Mapping[str, Sequence[int]]:
        moments.append(as_of)
        return {"generic": range(2 * N), "model": range(10_000, 10_000 + 2 * N)}

    def cohorts_of(learners: Sequence[int], *, at: datetime) -> dict[str, tuple[str, ...]]:
        moments.append(at)
        tenure = tuple("returning" if learner % 2 else "new" for learner in learners)
        others = dict.fromkeys(COHORTS, ("unknown",) * len(learners))
        return {**others, "tenure": tenure}

    monkeypatch.setattr(signals, "exposed_lately", exposed_lately)
    monkeypatch.setattr(signals, "cohorts_of", cohorts_of)
    return moments


def told(control: Gaps | None, variant: Gaps, *, came: float = 0.2) -> None:
    """Let each arm say so much more than comes true; None: the control says nothing."""

    def promises(learners: Sequence[int], since: datetime, until: datetime) -> Sequence[Promised]:
        gaps = variant if learners[0] >= 10_000 else control
        if gaps is None:
            return ()
        return [
            Promised(
                learner, said=came + gaps[learner % 2], came=came + (learner // 2 % 3 - 1) / 10
            )
            for learner in learners
        ]

    tell_served(ServedReader(against_will=lambda _: 0, model_ages=lambda *_: (), promises=promises))


def context(*, sound: bool = True) -> Context:
    return Context(plan(), as_of=day(20), sound=sound)


@pytest.mark.parametrize(
    ("control", "variant", "says"),
    [
        ((0.0, 0.0), (0.0, 0.15), f"{RETURNING} are told 15 points more than comes true"),
        ((0.0, 0.0), (-0.15, 0.0), f"{NEW} are told 15 points less than comes true"),
        (None, (0.15, 0.0), f"{NEW} are told 15 points more than comes true"),
        ((0.02, 0.0), (0.2, 0.2), f"{NEW} are told 20 points more than comes true and"),
    ],
)
def test_a_variant_that_says_what_does_not_come_true_is_rolled_back(
    asked: list[datetime], control: Gaps | None, variant: Gaps, says: str
) -> None:
    told(control, variant)
    found = calibration.check(context())
    assert (found.ok, found.verdict) == (False, "roll back")
    assert found.says.startswith(says)
    assert "5 points is the bound." in found.says


@pytest.mark.parametrize(
    ("control", "variant", "says"),
    [
        ((0.0, 0.0), (0.04, -0.04), "Nobody is shown"),
        ((0.0, 0.0), (0.06, 0.0), "Nobody is shown"),  # beyond, but chance may explain it
        ((0.15, 0.0), (0.15, 0.0), "not shown to have caused it"),
        ((-0.15, 0.0), (0.15, 0.0), "not shown to have caused it"),
    ],
)
def test_what_is_small_unclear_or_there_without_it_is_not_laid_at_its_door(
    asked: list[datetime], control: Gaps, variant: Gaps, says: str
) -> None:
    told(control, variant)
    found = calibration.check(context())
    assert (found.ok, found.verdict) == (True, "")
    assert says in found.says
    assert found.judged
    assert found.evidence[NEW] == {
        "control": pytest.approx(control[0], abs=0.001),
        "variant": pytest.approx(variant[0], abs=0.001),
    }


def test_lists_are_of_a_week_that_is_a_week_past_and_kinds_of_before_it(
    asked: list[datetime],
) -> None:
    told((0.0, 0.0), (0.0, 0.0))
    calibration.check(context())
    assert asked == [day(20) - timedelta(days=7), day(20) - timedelta(days=14)]


def test_nothing_is_judged_of_few_learners_or_of_arms_that_lost_some(
    asked: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(None, (0.3, 0.3))
    assert calibration.check(context(sound=False)).ok
    monkeypatch.setattr(calibration, "LEAST", N + 1)
    found = calibration.check(context())
    assert found.ok
    assert found.says.startswith("No cohort has enough learners")
    assert (found.ok, found.judged) == (True, False)
