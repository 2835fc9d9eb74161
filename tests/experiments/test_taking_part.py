"""Who takes part, and does anybody who does ever move? Namespaces, holdouts, exclusions, growth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from experiments import api, lifecycle
from experiments.api import HOLDOUT_SHARE, assign, forget_caches
from experiments.assignment import HOLDOUT_SALT, erase, expected_arms, export, in_holdout
from experiments.data import ExperimentRefusedError, Plan
from experiments.drawing import draw
from experiments.models import Assignment, Exclusion
from experiments.running import HeldBack, Running
from experiments.stats.features import Context, run
from signals import api as signals
from tests.experiments.plans import plan
from tests.experiments.world import (
    CLEO,
    ROOT,
    START,
    UMA,
    day,
    enrol,
    learner,
    outside_holdout,
    started,
)
from tests.factories import new_learner

OUTSIDE = outside_holdout(200, holdout_salt=HOLDOUT_SALT, share=HOLDOUT_SHARE)
ONE = OUTSIDE[0]
KEY = "short-first"


@pytest.fixture(autouse=True)
def enrolled(request: pytest.FixtureRequest) -> None:
    enrol(request, OUTSIDE)


def running(wanted: Plan, *, share: float = 1.0) -> Running:
    return Running(1, wanted, START, f"flag:experiment:{wanted.key}", share)


learners = st.integers(min_value=0, max_value=2**62)
parts = st.floats(min_value=0, max_value=1)


@given(learners, parts, parts, st.sampled_from(["blake2b", "growthbook"]), parts)
def test_growing_an_allocation_moves_nobody(
    unit: int, one: float, other: float, drawn_with: str, split: float
) -> None:
    wanted = plan(hash=drawn_with, shares=(0.9 * split + 0.05, 0.9 * (1 - split) + 0.05))
    small, large = sorted((one, other))
    before = draw(unit, running(wanted, share=small))
    after = draw(unit, running(wanted, share=large))
    assert before is None or before == after


@given(learners, parts, parts, parts, st.sampled_from(["blake2b", "growthbook"]))
def test_two_experiments_of_a_namespace_never_share_a_learner(
    unit: int, first: float, second: float, third: float, drawn_with: str
) -> None:
    start, between, end = sorted((first, second, third))
    shared = plan(namespace="home", hash=drawn_with)
    one = replace(shared, key="a", salt="a", namespace_from=start, namespace_to=between)
    other = replace(shared, key="b", salt="b", namespace_from=between, namespace_to=end)
    assert draw(unit, running(one)) is None or draw(unit, running(other)) is None


def test_a_namespace_is_shared_out_as_its_parts_say() -> None:
    wanted = running(plan(namespace="home", namespace_from=0.2, namespace_to=0.5))
    inside = sum(draw(unit, wanted) is not None for unit in range(20_000))
    assert inside / 20_000 == pytest.approx(0.3, abs=0.015)


@pytest.mark.parametrize("share", [1.0, 0.4])
@pytest.mark.parametrize("namespace", ["", "home"])
def test_a_plan_drawn_as_growthbook_draws_gives_what_its_sdks_give(
    share: float, namespace: str
) -> None:
    part = {"namespace_from": 0.1, "namespace_to": 0.8} if namespace else {}
    wanted = plan(hash="growthbook", shares=(0.3, 0.6), namespace=namespace, **part)
    public = {
        "key": wanted.key,
        "seed": wanted.salt,
        "hashVersion": 2,
        "variations": list(wanted.variants),
        "weights": [1 / 3, 2 / 3],
        "coverage": 0.9 * share,
    } | ({"namespace": ["home", 0.1, 0.8]} if namespace else {})
    for unit in range(500):
        found = run(public, Context(attributes={"id": str(unit)}))
        expected = found.value if found.in_experiment else None
        assert draw(unit, running(wanted, share=share)) == expected


def test_both_hashes_draw_through_the_door(db: None) -> None:
    started()
    started(key="public", salt="public:1", hash="growthbook")
    arms = [assign(unit, surface="home", now=day(1)).variants for unit in OUTSIDE[:60]]
    assert {one["public"] for one in arms} == {one[KEY] for one in arms} == {"generic", "model"}


@pytest.mark.parametrize("kind", ["staff", "bot", "test"])
def test_who_is_no_learner_takes_no_part_and_a_row_says_why(
    db: None, django_assert_num_queries: DjangoAssertNumQueries, kind: str
) -> None:
    started()
    learner(ONE, kind=kind)
    assert assign(ONE, surface="home", now=day(1), kind=kind).variants == {}
    row = Exclusion.objects.get()
    assert (row.learner_id, row.reason, row.experiment_key) == (ONE, kind, "")
    with django_assert_num_queries(1):
        assign(ONE, surface="home", now=day(2), kind=kind)
    assert not Assignment.objects.exists()
    assert signals.exposed_counts(KEY, as_of=day(9)) == {}


@pytest.mark.parametrize("kind", ["staff", "bot", "test"])
def test_who_turns_out_to_be_a_learner_takes_part_from_then_on(db: None, kind: str) -> None:
    started()
    learner(ONE, kind=kind)
    assert assign(ONE, surface="home", now=day(1), kind=kind).variants == {}
    learner(ONE)
    ahead = expected_arms(ONE, now=day(2))
    assert set(ahead) == {KEY}
    assert Exclusion.objects.exists()  # asking ahead keeps nothing and forgets nothing
    assert assign(ONE, surface="home", now=day(2)).variants == ahead
    assert not Exclusion.objects.exists()
    assert sum(signals.exposed_counts(KEY, as_of=day(9)).values()) == 1


@pytest.mark.parametrize("reason", ["staff", "bot", "test", "manual", "no_group"])
def test_whom_a_person_left_out_stays_out_whatever_the_reason(db: None, reason: str) -> None:
    one = taking_part()
    started()
    leave_out(one, reason=reason)
    assert assign(one, surface="home", now=day(2)).variants == {}
    assert expected_arms(one, now=day(2)) == {}
    assert Exclusion.objects.get(learner_id=one).note == "tests us"


def test_health_tells_whom_a_person_left_out_from_whom_the_product_did(db: None) -> None:
    started()
    for robot in OUTSIDE[:12]:
        learner(robot, kind="bot")
        assign(robot, surface="home", now=day(1), kind="bot")
    leave_out(taking_part())
    told = {check.title: check.value for check in api.health(KEY, now=day(2))}
    assert told["Staff, robots and test accounts kept out"] == "10"
    assert told["Left out by hand before the draw"] == "fewer than 10"


def taking_part() -> int:
    """Make a learner with a data key, outside the comparison group."""
    return next(unit for unit in iter(new_learner, 0) if not in_holdout(unit))


def leave_out(unit: int, *, experiment: str = "", reason: str = "manual") -> None:
    api.exclude(
        UMA, learner_id=unit, reason=reason, note="tests us", now=day(1), experiment=experiment
    )


def test_who_is_left_out_of_one_experiment_is_in_the_others(db: None) -> None:
    one = taking_part()
    started()
    started(key="second", salt="second:1")
    leave_out(one, experiment=KEY)
    assert set(assign(one, surface="home", now=day(2)).variants) == {"second"}
    assert signals.exposed_counts(KEY, as_of=day(9)) == {}


def test_who_is_left_out_of_all_is_in_none(db: None) -> None:
    one = taking_part()
    started()
    leave_out(one)
    assert assign(one, surface="home", now=day(2)).variants == {}
    assert signals.exposed_counts(KEY, as_of=day(9)) == {}


def test_whose_result_may_be_known_is_not_left_out_any_more(db: None) -> None:
    learner(ONE)
    started()
    arm = assign(ONE, surface="home", now=day(1)).variants
    with pytest.raises(ExperimentRefusedError, match="stays counted there"):
        leave_out(ONE)
    assert assign(ONE, surface="home", now=day(2)).variants == arm


def test_an_exclusion_needs_a_known_reason_a_note_and_somebody_who_may(db: None) -> None:
    learner(ONE)
    with pytest.raises(ExperimentRefusedError, match="staff, bot, test, manual"):
        leave_out(ONE, reason="noisy")
    with pytest.raises(ExperimentRefusedError, match="note"):
        api.exclude(UMA, learner_id=ONE, reason="manual", note=" ", now=day(1))
    with pytest.raises(ExperimentRefusedError, match="admins and analysts"):
        api.exclude(CLEO, learner_id=ONE, reason="manual", note="n", now=day(1))
    with pytest.raises(ExperimentRefusedError, match="no experiment none"):
        leave_out(ONE, experiment="none")
    assert not Exclusion.objects.exists()


def test_an_exclusion_is_part_of_the_copy_and_goes_with_the_learner(db: None) -> None:
    one = taking_part()
    leave_out(one)
    copy = export(one)
    assert isinstance(copy, dict)
    (said,) = copy["left_out_of"]
    assert (said["reason"], said["note"]) == ("manual", "tests us")
    assert erase(one) == 1
    assert not Exclusion.objects.exists()


def hold_back(surface: str, share: float) -> None:
    api.set_surface_holdout(ROOT, surface=surface, share=share, reason="all at once", now=START)
    forget_caches()


def test_the_holdout_of_a_surface_sees_no_experiment_there(db: None) -> None:
    hold_back("home", 0.2)
    started()
    found = {unit: assign(unit, surface="home", now=day(1)) for unit in OUTSIDE}
    held = {unit for unit, one in found.items() if one.holdout}
    assert len(held) / len(OUTSIDE) == pytest.approx(0.2, abs=0.09)
    assert all(bool(one.variants) is not one.holdout for one in found.values())
    assert not Assignment.objects.filter(learner_id__in=held).exists()


def test_who_is_held_back_on_one_surface_enters_no_experiment_that_acts_there() -> None:
    wanted = replace(running(plan()), held_back=(HeldBack("home", 1.0),))
    assert draw(ONE, wanted) is None


def test_a_holdout_changes_only_while_nothing_runs_on_the_surface(db: None) -> None:
    started()
    with pytest.raises(ExperimentRefusedError, match="would be moved"):
        hold_back("home", 0.1)
    lifecycle.stop(UMA, key=KEY, reason="over", now=day(1))
    hold_back("home", 0.1)
    (entry,) = signals.ledger_rows(action_prefix="experiment.holdout")
    assert entry.detail == {"before": 0.0, "after": 0.1, "reason": "all at once"}


@pytest.mark.parametrize(("surface", "share"), [("hom", 0.1), ("home", 0.21), ("home", -0.1)])
def test_a_holdout_is_small_and_of_a_surface_there_is(db: None, surface: str, share: float) -> None:
    with pytest.raises(ExperimentRefusedError):
        hold_back(surface, share)
