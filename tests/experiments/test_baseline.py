"""How many learners does a plan reach: those of its surfaces, but for whom others hold?"""

import pytest

from experiments import running
from experiments.gates.baseline import sized
from experiments.models import SurfaceHoldout
from signals import api as signals
from signals.data import ArmMoments, Audience
from tests.experiments.plans import plan
from tests.experiments.world import START, day

LEARNERS = 10_000


@pytest.fixture(autouse=True)
def _usual(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    usual = ArmMoments("", LEARNERS, 0.08 * LEARNERS, 0.03 * LEARNERS)
    monkeypatch.setattr(signals, "usual_moments", lambda *_, **__: usual)
    running.forget_caches()


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({}, 4_750),  # a twentieth is in the permanent comparison group
        ({"namespace": "home", "namespace_from": 0.2, "namespace_to": 0.5}, 1_425),
        ({"shares": (0.8, 0.2)}, 1_900),
    ],
)
def test_a_plan_reaches_its_part_of_the_learners(changes: dict[str, object], reached: int) -> None:
    assert sized(plan(**changes), now=day(0)).reached == reached


def test_who_is_held_back_from_a_surface_is_not_reached() -> None:
    SurfaceHoldout.objects.create(surface="home", share=0.2, by="staff:uma", at=START)
    assert sized(plan(), now=day(0)).reached == 3_800


@pytest.mark.parametrize(
    ("condition", "matching", "reached"),
    [
        ("", None, 4_750),
        ('{"age_band": "under18"}', 1_500, 1_781),
        ('{"age_band": {"$ne": "under18"}, "courses": {"$gte": 3}}', 1_005, 1_187),
        ('{"courses": {"$gt": 40}}', 0, 0),
        ('{"country": "de"}', 0, 0),
    ],
)
def test_a_plan_for_some_learners_reaches_those_it_is_for(
    monkeypatch: pytest.MonkeyPatch, condition: str, matching: int | None, reached: int
) -> None:
    kinds = [
        Audience("under18", 2, 1_499),
        Audience("", 3, 999),
        Audience("", 1, 1_494),
        Audience("", 41, 8),
    ]
    monkeypatch.setattr(signals, "audience", lambda *_, **__: kinds)
    found = sized(plan(targeting=condition), now=day(0))
    assert found.matching == matching
    assert found.reached == pytest.approx(reached, abs=10)


def test_a_plan_for_a_small_part_does_not_promise_the_learners_of_all() -> None:
    part = plan(namespace="home", namespace_to=0.1, planned_per_arm=0)
    found = sized(part, now=day(0))
    assert found.plan.planned_per_arm == found.reached == 475
    assert not found.enough
