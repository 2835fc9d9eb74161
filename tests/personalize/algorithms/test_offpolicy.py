"""Does a log of random draws say what another model would have been worth? Against enumeration."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize.algorithms.offpolicy import (
    TOP,
    Draws,
    Estimator,
    Verdict,
    choices,
    compare,
)


def every_draw(*, n: int, m: int, seed: int) -> tuple[Draws, np.ndarray]:
    """Return n lists in which each course of the pool was shown once, and each one's reward."""
    rng = np.random.default_rng(seed)
    pools = np.repeat(np.stack([rng.permutation(200)[:m] for _ in range(n)]), m, axis=0)
    worth = rng.random(200)
    drawn = np.tile(np.arange(m), n)
    rewards = worth[pools[np.arange(n * m), drawn]]
    return Draws(np.repeat(np.arange(n), m), pools, drawn, rewards), worth[pools]


def some(draws: Draws, rng: np.random.Generator) -> np.ndarray:
    """Return how likely a model of random scores shows each course; the same for equal pools."""
    first = np.unique(draws.learners, return_index=True)[1]
    scores = rng.normal(size=(len(first), draws.pools.shape[1]))
    each = len(draws.learners) // len(first)
    return choices(np.repeat(scores, each, axis=0), draws.pools)


@settings(max_examples=25)
@given(m=st.integers(2, 30), n=st.integers(2, 12), seed=st.integers(0, 2**32 - 1))
def test_where_every_course_was_drawn_once_the_value_is_exact(m: int, n: int, seed: int) -> None:
    draws, worth = every_draw(n=n, m=m, seed=seed)
    rng = np.random.default_rng(seed)
    new, old = some(draws, rng), some(draws, rng)
    for estimator in Estimator:
        found = compare(draws, new, old, estimator=estimator)
        assert found.new.value == pytest.approx((new * worth).sum(axis=1).mean())
        assert found.old.value == pytest.approx((old * worth).sum(axis=1).mean())
        assert found.difference == pytest.approx(found.new.value - found.old.value)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(1, 40), empty=st.integers(0, 39))
def test_a_model_shows_the_best_of_a_pool_most_often_and_an_empty_place_never(
    seed: int, m: int, empty: int
) -> None:
    rng = np.random.default_rng(seed)
    pool = rng.permutation(500)[:m]
    pool[max(1, m - empty) :] = -1
    scores = rng.normal(size=(1, m))
    [shown] = choices(scores, pool[None])
    assert shown.sum() == pytest.approx(1.0)
    assert not shown[pool < 0].any()
    assert (shown > 0).sum() == min(TOP, (pool >= 0).sum())
    by_score = shown[np.argsort(np.where(pool >= 0, -scores[0], np.inf))]
    assert (np.diff(by_score) <= 0).all()


def test_equal_scores_are_told_apart_by_course_wherever_it_stands_in_the_pool() -> None:
    pools = np.array([[7, 3, 9], [9, 7, 3]])
    shown = choices(np.zeros((2, 3)), pools)
    assert dict(zip(pools[0], shown[0], strict=True)) == dict(zip(pools[1], shown[1], strict=True))


def test_what_was_not_scored_comes_last() -> None:
    shown = choices(np.array([[np.nan, 0.1, 0.2]]), np.array([[1, 2, 3]]))
    assert np.argsort(-shown[0]).tolist() == [2, 1, 0]


@pytest.mark.parametrize("estimator", list(Estimator))
def test_more_draws_of_the_same_learner_say_no_more(estimator: Estimator) -> None:
    draws, _ = every_draw(n=40, m=6, seed=3)
    rng = np.random.default_rng(4)
    new, old = some(draws, rng), some(draws, rng)
    four = Draws(*(np.tile(part, (4,) + (1,) * (part.ndim - 1)) for part in parts(draws)))
    own = compare(draws, new, old, estimator=estimator)
    same = compare(four, np.tile(new, (4, 1)), np.tile(old, (4, 1)), estimator=estimator)
    assert same.new.error == pytest.approx(own.new.error, rel=0.02)
    others = np.repeat(np.arange(4), len(draws.learners)) * 1000 + four.learners
    apart = replace(four, learners=others)
    wider = compare(apart, np.tile(new, (4, 1)), np.tile(old, (4, 1)), estimator=estimator)
    assert wider.new.error == pytest.approx(own.new.error / 2, rel=0.05)


def parts(draws: Draws) -> tuple[np.ndarray, ...]:
    return (draws.learners, draws.pools, draws.drawn, draws.rewards)


def test_a_model_that_finds_what_pays_is_better_and_the_other_worse() -> None:
    draws, worth = every_draw(n=60, m=12, seed=5)
    good, bad = choices(worth, draws.pools), choices(-worth, draws.pools)
    found = compare(draws, good, bad)
    assert (found.verdict, found.low > 0) == (Verdict.BETTER, True)
    assert compare(draws, bad, good).verdict is Verdict.WORSE
    assert found.lift == pytest.approx(found.difference / found.old.value)


def test_two_models_that_choose_alike_cannot_be_told_apart() -> None:
    draws, worth = every_draw(n=60, m=12, seed=5)
    found = compare(draws, choices(worth, draws.pools), choices(2 * worth, draws.pools))
    assert (found.difference, found.verdict) == (0.0, Verdict.CANNOT_TELL)


def test_one_learner_says_nothing_of_all() -> None:
    draws, worth = every_draw(n=1, m=12, seed=5)
    found = compare(draws, choices(worth, draws.pools), choices(-worth, draws.pools))
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.visible == float("inf")


def test_where_nothing_came_of_any_draw_there_is_no_lift_to_tell() -> None:
    draws, worth = every_draw(n=9, m=12, seed=5)
    nothing = replace(draws, rewards=np.zeros(len(draws.rewards)))
    found = compare(nothing, choices(worth, draws.pools), choices(-worth, draws.pools))
    assert (found.lift, found.verdict) == (None, Verdict.CANNOT_TELL)


@pytest.mark.parametrize(
    ("drawn", "rewards", "said"),
    [
        ([3], [1.0], "outside its pool"),
        ([-1], [1.0], "outside its pool"),
        ([2], [1.0], "empty position"),
        ([0, 1], [1.0], "needs a learner"),
        ([], [], "needs a learner"),
    ],
)
def test_what_cannot_have_been_drawn_is_refused(
    drawn: list[int], rewards: list[float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Draws(np.array([1]), np.array([[5, 6, -1]]), np.array(drawn, dtype=int), np.array(rewards))


def test_no_draws_at_all_are_refused() -> None:
    none = np.zeros(0, dtype=int)
    with pytest.raises(ValueError, match="no draws"):
        Draws(none, np.zeros((0, 3), dtype=int), none, np.zeros(0))
