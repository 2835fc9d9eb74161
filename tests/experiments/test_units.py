"""Are those who learn together drawn together, whatever they do later?"""

from typing import Any

import pytest

from experiments.api import assign, expected_arm, health, movers, needed_per_arm
from experiments.assignment import HOLDOUT_SALT, HOLDOUT_SHARE, export
from experiments.models import Assignment, Exclusion
from experiments.stats.bucketing import choose
from experiments.stats.clusters import power
from signals import api as signals
from signals.models import Exposure
from tests.experiments.plans import SOUND, plan
from tests.experiments.world import day, enrol, outside_holdout, started

KEY = "short-first"
OUTSIDE = outside_holdout(60, holdout_salt=HOLDOUT_SALT, share=HOLDOUT_SHARE)
ONE, TWO = OUTSIDE[:2]


@pytest.fixture(autouse=True)
def enrolled(request: pytest.FixtureRequest) -> None:
    enrol(request, OUTSIDE)


def by_class(**changes: Any) -> None:
    wanted: dict[str, Any] = {
        "unit": "class",
        "icc": 0.1,
        "cluster_size": 24.0,
        "exploratory": True,
    }
    started(**(wanted | changes))


def goes_to(learner_id: int, group: str, *, kind: str = "class") -> None:
    signals.set_groups(learner_id, {kind: group}, now=day(0))


def arm(learner_id: int, *, on: float = 1) -> str | None:
    return assign(learner_id, surface="home", now=day(on)).variant(KEY)


def drawn(group: str) -> str:
    """The arm a class is in, worked out by hand."""
    found = choose(unit=group, salt=SOUND.salt, arms=SOUND.variants, shares=SOUND.shares)
    assert found is not None
    return found


def in_arm(wanted: str) -> str:
    return next(group for n in range(99) if drawn(group := f"class-{n}") == wanted)


def test_a_class_is_in_one_arm_and_classes_are_in_both(db: None) -> None:
    by_class()
    for number, learner_id in enumerate(OUTSIDE):
        goes_to(learner_id, f"class-{number % 12}")
    arms = {learner_id: arm(learner_id) for learner_id in OUTSIDE}
    for number in range(12):
        assert {arms[one] for one in OUTSIDE[number::12]} == {drawn(f"class-{number}")}
    assert set(arms.values()) == {"generic", "model"}


def test_the_group_stands_beside_the_arm_and_beside_the_exposure(db: None) -> None:
    by_class()
    goes_to(ONE, "7b")
    arm(ONE)
    assert Assignment.objects.get().cluster == "7b"
    assert Exposure.objects.get().cluster == "7b"
    copied: Any = export(ONE)
    assert copied["experiments"][0]["with"] == "7b"


def test_a_cohort_is_drawn_by_cohort_and_not_by_class(db: None) -> None:
    by_class(unit="cohort")
    goes_to(ONE, "7b")
    assert arm(ONE) is None
    goes_to(ONE, "autumn", kind="cohort")
    assert arm(ONE) == drawn("autumn")


def test_who_has_no_class_takes_no_part_until_there_is_one(db: None) -> None:
    by_class()
    assert arm(ONE) is None
    assert arm(ONE) is None
    told = {check.title: check.value for check in health(KEY, now=day(9))}
    assert told["In no class, so not drawn until they are"] == "fewer than 10"
    assert told["Left out by hand before the draw"] == "none"
    (left_out,) = Exclusion.objects.all()
    assert (left_out.learner_id, left_out.experiment_key, left_out.reason) == (
        ONE,
        KEY,
        "no_group",
    )
    goes_to(ONE, "7b")
    assert arm(ONE) == drawn("7b")
    assert not Exclusion.objects.exists()


def test_who_has_no_class_is_in_other_experiments_all_the_same(db: None) -> None:
    by_class()
    started(key="alone", salt="alone:1")
    assert list(assign(ONE, surface="home", now=day(1)).variants) == ["alone"]


def test_who_was_left_out_by_hand_is_not_taken_in_with_a_class(db: None) -> None:
    by_class()
    goes_to(ONE, "7b")
    Exclusion.objects.create(learner_id=ONE, experiment_key=KEY, reason="manual", at=day(0))
    assert arm(ONE) is None
    assert Exclusion.objects.get().reason == "manual"


def test_who_moves_before_the_first_sight_is_drawn_with_the_new_class(db: None) -> None:
    by_class()
    goes_to(ONE, in_arm("generic"))
    goes_to(ONE, in_arm("model"))
    assert arm(ONE) == "model"


def test_who_moves_later_keeps_arm_and_class_and_is_counted_in_tens_at_least(db: None) -> None:
    by_class()
    for learner_id in OUTSIDE[:12]:
        goes_to(learner_id, in_arm("generic"))
        assert arm(learner_id) == "generic"
    assert movers(KEY) == {}
    for learner_id in OUTSIDE[:9]:
        goes_to(learner_id, in_arm("model"))
    assert movers(KEY) == {"generic": 0}
    for learner_id in OUTSIDE[9:12]:
        goes_to(learner_id, "")
    assert movers(KEY) == {"generic": 10}
    told = {check.title: check.value for check in health(KEY, now=day(9))}
    assert told["Left the class they were drawn with"] == "10 / fewer than 10"
    assert {arm(learner_id, on=9) for learner_id in OUTSIDE[:12]} == {"generic"}
    assert {row.cluster for row in Exposure.objects.all()} == {in_arm("generic")}


def test_a_plan_for_learners_has_no_movers_and_keeps_no_class(db: None) -> None:
    started()
    goes_to(ONE, "7b")
    arm(ONE)
    goes_to(ONE, "8a")
    assert Exposure.objects.get().cluster == ""
    assert movers(KEY) == movers("no-such") == {}


def test_what_is_expected_is_what_is_drawn(db: None) -> None:
    by_class()
    assert expected_arm(ONE, experiment=KEY) is None
    assert not Exclusion.objects.exists()
    goes_to(ONE, "7b")
    assert expected_arm(ONE, experiment=KEY) == arm(ONE)


def test_who_is_in_costs_one_statement_and_who_is_not_one_more(
    db: None, django_assert_num_queries: Any
) -> None:
    by_class()
    goes_to(ONE, "7b")
    arm(ONE)
    arm(TWO)
    with django_assert_num_queries(1):
        arm(ONE)
    with django_assert_num_queries(2):
        arm(TWO)


@pytest.mark.parametrize(("icc", "size"), [(0.02, 8.0), (0.1, 24.0), (0.3, 50.0)])
def test_a_plan_for_classes_needs_more_learners_by_the_design_effect_and_for_few_classes_more(
    icc: float, size: float
) -> None:
    alone = needed_per_arm(plan())
    together = needed_per_arm(plan(unit="class", icc=icc, cluster_size=size))
    effect = 1 + (size - 1) * icc
    assert alone * effect <= together <= alone * effect * 1.1 + 3 * size
    reached = power(
        classes_per_arm=together / size,
        size=size,
        effect=SOUND.mde * SOUND.baseline_mean,
        sd=SOUND.baseline_sd,
        correlation=icc,
        alpha=SOUND.alpha,
    )
    assert 0.8 <= reached < 0.83
