import math

import numpy as np
import pytest
from statsmodels.stats.power import TTestIndPower

from experiments.stats.power import detectable, power, sample_size

CASES = [(0.2, 1.0), (0.5, 2.0), (1.0, 1.0), (0.02, 0.27)]


@pytest.mark.parametrize(("effect", "sd"), CASES)
def test_sample_size_is_that_of_statsmodels(effect: float, sd: float) -> None:
    oracle = TTestIndPower().solve_power(effect_size=effect / sd, alpha=0.05, power=0.8)
    found = sample_size(effect=effect, sd=sd, alpha=0.05, power_wanted=0.8)
    assert found == pytest.approx(oracle, rel=1e-5)


@pytest.mark.parametrize(("effect", "sd"), CASES)
def test_the_sample_size_has_the_power_that_was_wanted(effect: float, sd: float) -> None:
    n = sample_size(effect=effect, sd=sd, alpha=0.01, power_wanted=0.9)
    assert power(per_arm=n, effect=-effect, sd=sd, alpha=0.01) == pytest.approx(0.9)


def test_no_number_of_learners_sees_no_effect() -> None:
    assert sample_size(effect=0, sd=1, alpha=0.05, power_wanted=0.8) == math.inf
    assert sample_size(effect=1e-9, sd=1, alpha=0.05, power_wanted=0.8) == math.inf


def test_the_detectable_effect_is_detected_as_often_as_promised() -> None:
    rng = np.random.default_rng(11)
    n, critical = 400, 2.4
    effect = detectable(n_control=n, n_variant=n, variance=1.0, critical=critical, power_wanted=0.8)
    means = rng.normal([0, effect], 1 / math.sqrt(n), size=(20_000, 2))
    z = (means[:, 1] - means[:, 0]) / math.sqrt(2 / n)
    assert (z > critical).mean() == pytest.approx(0.8, abs=0.01)
