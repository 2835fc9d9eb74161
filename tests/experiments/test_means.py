import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from experiments.stats.means import Sample, difference

VALUES = st.lists(st.integers(-1000, 1000).map(lambda n: n / 8), min_size=2, max_size=60).filter(
    lambda values: len(set(values)) > 1
)


def sample(values: NDArray[np.float64] | list[float]) -> Sample:
    array = np.asarray(values, dtype=np.float64)
    return Sample(len(array), float(array.sum()), float((array**2).sum()))


@settings(max_examples=50)
@given(control=VALUES, variant=VALUES)
def test_sums_give_what_scipy_gives_from_the_values(
    control: list[float], variant: list[float]
) -> None:
    found = difference(sample(control), sample(variant), alpha=0.05)
    oracle = stats.ttest_ind(variant, control, equal_var=False)
    low, high = oracle.confidence_interval(0.95)
    np.testing.assert_allclose(
        [float(number) for number in (found.difference, found.p_value, found.low, found.high)],
        [np.mean(variant) - np.mean(control), oracle.pvalue, low, high],
        rtol=1e-6,
        atol=1e-7,
    )


def test_many_comparisons_at_once_are_the_single_ones() -> None:
    rng = np.random.default_rng(5)
    control, variant = rng.normal(size=(2, 7, 30))
    together = difference(
        Sample(30, control.sum(1), (control**2).sum(1)),
        Sample(30, variant.sum(1), (variant**2).sum(1)),
        alpha=0.01,
    )
    alone = [
        float(difference(sample(c), sample(v), alpha=0.01).high)
        for c, v in zip(control, variant, strict=True)
    ]
    np.testing.assert_allclose(np.asarray(together.high), alone, rtol=1e-9)


def test_arms_that_do_not_vary_say_nothing() -> None:
    found = difference(sample([1.0, 1.0]), sample([2.0, 2.0]), alpha=0.05)
    assert float(found.p_value) == 1
    assert (float(found.low), float(found.high)) == (-np.inf, np.inf)


def test_two_arms_as_one_have_the_variance_of_all_values() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=20), rng.normal(1, 2, size=35)
    pooled = (sample(a) + sample(b)).variance
    np.testing.assert_allclose(float(pooled), np.var(np.concatenate([a, b]), ddof=1))
