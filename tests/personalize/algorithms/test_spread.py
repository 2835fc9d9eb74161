"""How lists spread: known figures, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize.algorithms.spread import gini, novelty, popularity_lift


def pairwise(exposures: list[int]) -> float:
    """Gini's own definition: the mean difference of all pairs, over twice the mean."""
    shown = np.array(exposures, dtype=float)
    return float(np.abs(shown[:, None] - shown).mean() / (2 * shown.mean()))


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=40).filter(any))
def test_gini_is_the_mean_difference_of_all_pairs(exposures: list[int]) -> None:
    assert gini(np.array(exposures)) == pytest.approx(pairwise(exposures), abs=1e-9)


def test_all_alike_is_nought_and_one_alone_nearly_one() -> None:
    assert gini(np.full(50, 7)) == pytest.approx(0)
    assert gini(np.array([0] * 99 + [5])) == pytest.approx(0.99)
    assert gini(np.zeros(5, dtype=int)) == 0


def test_a_course_half_of_all_took_has_one_bit() -> None:
    takers = np.array([8, 4, 1, 0])
    assert novelty(np.array([0]), takers, 8) == 0
    assert novelty(np.array([1, 2]), takers, 8) == pytest.approx((1 + 3) / 2)
    assert novelty(np.array([3]), takers, 8) == pytest.approx(3)
    assert novelty(np.array([], dtype=int), takers, 8) == 0


TAKERS = np.array([10, 20, 30])


@pytest.mark.parametrize(
    ("shown", "taken", "lift"),
    [
        ([[0, 2]], [1], 0.0),
        ([[2, -1]], [1], 0.5),
        ([[2, 2], [0, 0]], [1, 1], 0.0),
        ([[0, -1], [-1, -1]], [1, 0], -0.5),
        ([[-1, -1]], [1], 0.0),
    ],
)
def test_lists_are_held_against_what_their_learners_took(
    shown: list[list[int]], taken: list[int], lift: float
) -> None:
    found, _error = popularity_lift(np.array(shown), np.array(taken), TAKERS)
    assert found == pytest.approx(lift)


def test_the_error_of_the_lift_is_what_samples_of_learners_differ_by() -> None:
    rng = np.random.default_rng(3)
    takers = rng.integers(1, 500, 200)
    worlds = [(rng.integers(0, 200, (300, 10)), rng.integers(0, 200, 300)) for _ in range(200)]
    found = np.array([popularity_lift(shown, taken, takers) for shown, taken in worlds])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.15)
