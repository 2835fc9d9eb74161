from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from scipy import stats

from experiments import lifecycle
from experiments.api import HOLDOUT_SHARE, assign, assigned_arm, forget_caches
from experiments.assignment import HOLDOUT_SALT, erase, export, in_holdout
from experiments.data import HOLDOUT
from experiments.models import Assignment, Exclusion, Flag
from signals import api as signals
from signals.models import Learner
from tests.experiments.world import (
    UMA,
    day,
    enrol,
    learner,
    outside_holdout,
    start_another,
    started,
)

OUTSIDE = outside_holdout(250, holdout_salt=HOLDOUT_SALT, share=HOLDOUT_SHARE)
ONE = OUTSIDE[0]
IN_HOLDOUT = next(number for number in range(1, 500) if number not in OUTSIDE)


@pytest.fixture(autouse=True)
def enrolled(request: pytest.FixtureRequest) -> None:
    enrol(request, OUTSIDE)


def test_the_comparison_group_is_five_percent_for_good() -> None:
    inside = [number for number in range(100_000) if in_holdout(number)]
    assert abs(len(inside) / 100_000 - 0.05) < 0.002
    # Written down: a release that moved these learners would end every long comparison.
    assert inside[:5] == [5, 23, 36, 50, 70]


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_the_comparison_group_never_changes(number: int) -> None:
    assert in_holdout(number) is in_holdout(number)


def test_a_learner_of_the_comparison_group_enters_no_experiment(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    started()
    with django_assert_num_queries(0):
        found = assign(IN_HOLDOUT, surface="home", now=day(1))
    assert found.holdout
    assert found.variants == {}
    assert not Assignment.objects.exists()
    assert assigned_arm(IN_HOLDOUT, experiment="short-first") == HOLDOUT


def test_a_learner_stays_in_the_first_arm(db: None) -> None:
    started()
    arms = {number: assign(number, surface="home", now=day(1)).variants for number in OUTSIDE[:30]}
    again = {number: assign(number, surface="home", now=day(9)).variants for number in OUTSIDE[:30]}
    assert arms == again
    assert {arm["short-first"] for arm in arms.values()} == {"generic", "model"}


def test_nothing_is_kept_of_who_was_erased_since_the_request_began(db: None) -> None:
    started()
    Learner.objects.filter(learner_id=ONE).delete()
    assert assign(ONE, surface="home", now=day(1)).variants == {}
    assert assign(ONE, surface="home", now=day(1), kind="test").variants == {}
    assert not Assignment.objects.exists()
    assert not Exclusion.objects.exists()
    assert signals.exposed_counts("short-first", as_of=day(9)) == {}


def test_a_sticky_row_outlives_another_draw(db: None) -> None:
    started()
    first = assign(ONE, surface="home", now=day(1)).variant("short-first")
    other = {"generic": "model", "model": "generic"}[str(first)]
    Assignment.objects.update(variant=other)
    assert assign(ONE, surface="home", now=day(2)).variant("short-first") == other


def test_the_steady_state_is_one_statement_for_many_experiments(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        start_another(number)
    assign(ONE, surface="home", now=day(1))
    with django_assert_num_queries(1):
        assert len(assign(ONE, surface="home", now=day(1)).variants) == 5


def test_the_first_time_is_five_statements(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    started()
    assign(OUTSIDE[1], surface="home", now=day(1))
    with django_assert_num_queries(5):
        assign(ONE, surface="home", now=day(1))


@pytest.mark.parametrize("surface", ["explore", "hom", ""])
def test_a_surface_without_experiments_costs_no_statement(
    db: None, django_assert_num_queries: DjangoAssertNumQueries, surface: str
) -> None:
    started()
    assign(ONE, surface="home", now=day(1))
    with django_assert_num_queries(0):
        assert assign(ONE, surface=surface, now=day(1)).variants == {}


def test_first_sight_is_logged_once(db: None) -> None:
    started()
    for number in OUTSIDE[:40]:
        learner(number)
        assign(number, surface="home", now=day(1))
        assign(number, surface="home", now=day(2))
    counts = signals.exposed_counts("short-first", as_of=day(9))
    assert sum(counts.values()) == 40
    assert set(counts) == {"generic", "model"}


def test_nobody_is_in_before_the_start_and_all_see_the_control_after_the_stop(
    db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    started()
    assert assign(ONE, surface="home", now=day(-1)).variants == {}
    assign(ONE, surface="home", now=day(1))
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.stop(UMA, key="short-first", reason="enough seen", now=day(2))
    for who in (ONE, ONE + 1):
        assert assign(who, surface="home", now=day(3)).variants == {"short-first": "generic"}


def switch(**fields: Any) -> None:
    flag = Flag.objects.get(name="experiment:short-first")
    for name, value in fields.items():
        setattr(flag, name, value)
    flag.save()
    forget_caches()


def test_the_off_switch_acts_on_learners_who_are_in_already(db: None) -> None:
    started()
    assign(ONE, surface="home", now=day(1))
    switch(everyone=False)
    assert assign(ONE, surface="home", now=day(1)).variants == {}
    Flag.objects.all().delete()
    forget_caches()
    assert assign(ONE, surface="home", now=day(1)).variants == {}


def test_a_smaller_opening_takes_fewer_new_learners_and_moves_nobody(db: None) -> None:
    started()
    before = {n: assign(n, surface="home", now=day(1)).variants for n in OUTSIDE[:50]}
    switch(everyone=None, percent=20)
    after = {n: assign(n, surface="home", now=day(1)).variants for n in OUTSIDE}
    assert {n: after[n] for n in OUTSIDE[:50]} == before
    newly = [n for n in OUTSIDE[50:] if after[n]]
    assert 0.12 < len(newly) / len(OUTSIDE[50:]) < 0.28


def test_the_arms_of_several_experiments_are_independent(db: None) -> None:
    for number in range(2):
        start_another(number)
    arms = [assign(n, surface="home", now=day(1)) for n in OUTSIDE]
    table = [
        [
            sum((a.variant("experiment-0"), a.variant("experiment-1")) == (x, y) for a in arms)
            for y in ("generic", "model")
        ]
        for x in ("generic", "model")
    ]
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_a_part_of_learners_is_left_out_without_a_row(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    started(shares=(0.1, 0.1))
    inside = [n for n in OUTSIDE if assign(n, surface="home", now=day(1)).variants]
    assert 0.13 < len(inside) / len(OUTSIDE) < 0.27
    assert Assignment.objects.count() == len(inside)
    left_out = next(n for n in OUTSIDE if n not in inside)
    with django_assert_num_queries(1):
        assign(left_out, surface="home", now=day(1))


@pytest.mark.django_db(transaction=True)
def test_two_first_requests_at_once_agree_and_expose_once() -> None:
    started()
    learner(ONE)
    assign(OUTSIDE[1], surface="home", now=day(1))
    together, found = Barrier(4), []

    def ask() -> None:
        together.wait()
        try:
            found.append(assign(ONE, surface="home", now=day(1)).variant("short-first"))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert Assignment.objects.filter(learner_id=ONE).count() == 1
    assert sum(signals.exposed_counts("short-first", as_of=day(9)).values()) == 1


def test_looking_up_an_arm_assigns_nobody(db: None) -> None:
    started()
    assert assigned_arm(ONE, experiment="short-first") is None
    arm = assign(ONE, surface="home", now=day(1)).variant("short-first")
    assert assigned_arm(ONE, experiment="short-first") == arm
    assert Assignment.objects.count() == 1


def test_a_learner_can_take_their_arms_along_and_have_them_forgotten(db: None) -> None:
    started()
    arm = assign(ONE, surface="home", now=day(1)).variant("short-first")
    assert export(ONE) == {
        "left_out_of": [],
        "in_comparison_group": False,
        "experiments": [
            {
                "experiment": "Short lessons first",
                "variant": arm,
                "with": "",
                "since": day(1).isoformat(),
            }
        ],
    }
    assert erase(ONE) == 1
    assert assigned_arm(ONE, experiment="short-first") is None
