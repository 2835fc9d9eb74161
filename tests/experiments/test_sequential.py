import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.stats.sequential import (
    confidence,
    critical_values,
    crossing_probability,
    inflation,
    spent,
)


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        (1, [1.960]),
        (2, [2.963, 1.969]),
        (3, [3.710, 2.511, 1.993]),
        (5, [4.877, 3.357, 2.680, 2.290, 2.031]),
    ],
)
def test_equally_spaced_looks_have_the_published_bounds(looks: int, published: list[float]) -> None:
    fractions = tuple((look + 1) / looks for look in range(looks))
    np.testing.assert_allclose(critical_values(fractions, alpha=0.05), published, atol=0.005)


@settings(max_examples=20, deadline=None)
@given(
    days=st.lists(st.integers(1, 60), min_size=1, max_size=8, unique=True).map(sorted),
    alpha=st.sampled_from([0.01, 0.05, 0.1]),
)
def test_all_looks_together_spend_alpha_and_not_more(days: list[int], alpha: float) -> None:
    fractions = tuple(day / days[-1] for day in days)
    bounds = critical_values(fractions, alpha=alpha)
    assert crossing_probability(bounds, fractions, drift=0) == pytest.approx(alpha, abs=1e-6)


def test_many_looks_still_spend_alpha() -> None:
    fractions = tuple((day + 1) / 60 for day in range(60))
    bounds = critical_values(fractions, alpha=0.05)
    assert crossing_probability(bounds, fractions, drift=0) == pytest.approx(0.05, abs=1e-6)
    assert min(bounds) == bounds[-1]


def test_power_over_the_looks_is_what_a_simulation_finds() -> None:
    rng = np.random.default_rng(3)
    fractions = np.array([0.5, 0.75, 1.0])
    bounds = critical_values(tuple(fractions), alpha=0.05)
    steps = np.diff(fractions, prepend=0)
    drift = 2.9
    paths = rng.normal(drift * steps, np.sqrt(steps), size=(200_000, 3)).cumsum(axis=1)
    crossed = (np.abs(paths / np.sqrt(fractions)) > bounds).any(axis=1).mean()
    computed = crossing_probability(bounds, tuple(fractions), drift=drift)
    assert computed == pytest.approx(crossed, abs=0.004)


def test_looks_cost_a_few_percent_of_learners() -> None:
    assert inflation((1.0,), alpha=0.05, power=0.8) == pytest.approx(1, abs=1e-4)
    assert 1.01 < inflation((0.5, 0.75, 1.0), alpha=0.05, power=0.8) < 1.03


def test_the_whole_alpha_is_spent_at_the_end_and_hardly_any_at_first() -> None:
    assert spent(1.0, alpha=0.05) == pytest.approx(0.05)
    assert spent(0.1, alpha=0.05) < 1e-10


def test_the_confidence_of_a_bound_is_its_two_sided_coverage() -> None:
    assert confidence(float(stats.norm.isf(0.025))) == pytest.approx(0.95)


@pytest.mark.parametrize("fractions", [(), (0.5, 0.5), (0.7, 0.3), (0.0, 1.0), (0.5, 1.5)])
def test_fractions_that_do_not_ascend_in_the_unit_interval_are_refused(
    fractions: tuple[float, ...],
) -> None:
    with pytest.raises(ValueError, match="fractions"):
        critical_values(fractions, alpha=0.05)
