import numpy as np
import pytest
from scipy import stats

from experiments.stats.srm import check_split


@pytest.mark.parametrize(
    ("observed", "shares"), [([510, 490], [0.5, 0.5]), ([100, 210, 330], [1, 2, 3])]
)
def test_the_test_is_that_of_scipy(observed: list[int], shares: list[float]) -> None:
    expected = np.array(shares) / sum(shares) * sum(observed)
    oracle = stats.chisquare(observed, expected)
    split = check_split(observed, shares)
    assert (split.chi_square, split.p_value) == pytest.approx((oracle.statistic, oracle.pvalue))


def test_three_percent_lost_in_one_arm_of_two_hundred_thousand_raises_the_alarm() -> None:
    rng = np.random.default_rng(2)
    arms = rng.binomial(200_000, 0.5, size=500)
    kept = rng.binomial(arms, 0.97)
    alarms = [
        check_split([int(n), int(200_000 - all_)], [0.5, 0.5]).broken
        for n, all_ in zip(kept, arms, strict=True)
    ]
    assert np.mean(alarms) > 0.99


def test_a_sound_split_hardly_ever_raises_the_alarm() -> None:
    rng = np.random.default_rng(3)
    arms = rng.binomial(2_000, 0.5, size=2_000)
    alarms = [check_split([int(n), int(2_000 - n)], [0.5, 0.5]).broken for n in arms]
    assert np.mean(alarms) <= 0.004


def test_nobody_yet_is_no_reason_for_mistrust() -> None:
    assert not check_split([0, 0], [0.5, 0.5]).broken
