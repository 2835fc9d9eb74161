"""How many learners does a plan reach: those of its surfaces, but for whom others hold?"""

import pytest

from experiments import assignment
from experiments.baseline import sized
from experiments.models import SurfaceHoldout
from signals import api as signals
from signals.data import ArmMoments
from tests.experiments.plans import plan
from tests.experiments.world import START, day

LEARNERS = 10_000


@pytest.fixture(autouse=True)
def _usual(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    usual = ArmMoments("", LEARNERS, 0.08 * LEARNERS, 0.03 * LEARNERS)
    monkeypatch.setattr(signals, "usual_moments", lambda *_, **__: usual)
    assignment.forget_caches()


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({}, 5_000),
        ({"namespace": "home", "namespace_from": 0.2, "namespace_to": 0.5}, 1_500),
        ({"shares": (0.8, 0.2)}, 2_000),
    ],
)
def test_a_plan_reaches_its_part_of_the_learners(changes: dict[str, object], reached: int) -> None:
    assert sized(plan(**changes), now=day(0)).reached == reached


def test_who_is_held_back_from_a_surface_is_not_reached() -> None:
    SurfaceHoldout.objects.create(surface="home", share=0.2, by="staff:uma", at=START)
    assert sized(plan(), now=day(0)).reached == 4_000


def test_a_plan_for_a_small_part_does_not_promise_the_learners_of_all() -> None:
    part = plan(namespace="home", namespace_to=0.1, planned_per_arm=0)
    found = sized(part, now=day(0))
    assert found.plan.planned_per_arm == found.reached == 500
    assert not found.enough
