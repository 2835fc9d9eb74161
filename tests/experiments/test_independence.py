"""Are arms of different experiments independent of each other? All pairs of many experiments."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from experiments.stats.bucketing import bucket, growthbook_hash

Flags = NDArray[np.float64]
UNITS = 2_000
CAUGHT = 1e-9  # among 19,900 pairs of sound experiments such a p is not met


def _arms(experiments: int, place: Callable[[int, int], float]) -> Flags:
    """Return -1 or 1: experiment, unit."""
    drawn = [[place(number, unit) < 0.5 for unit in range(UNITS)] for number in range(experiments)]
    return np.where(drawn, 1.0, -1.0)


def _p_values(arms: Flags) -> Flags:
    """Return the chi-square p-value of every pair (2 x 2 tables, no continuity correction)."""
    centred = arms - arms.mean(1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).sum(1, keepdims=True))
    pairs = np.triu_indices(len(arms), 1)
    found: Flags = stats.chi2.sf(UNITS * (scaled @ scaled.T)[pairs] ** 2, 1)
    return found


def _sound(number: int, unit: int) -> float:
    return bucket(unit=unit, salt=f"independent-{number}:1")


def _public(version: int) -> Callable[[int, int], float]:
    return lambda number, unit: (
        growthbook_hash(seed=f"experiment-{number}", value=str(unit), version=version) or 0.0
    )


@pytest.mark.prove
def test_all_pairs_of_two_hundred_experiments_are_as_related_as_chance_makes_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arms = _arms(200, _sound)
    found = _p_values(arms)
    significant = float((found < 0.05).mean())
    planted = np.where(np.arange(UNITS) % 10 == 0, -arms[0], arms[0])  # nine of ten alike
    caught = _p_values(np.vstack([arms, planted]))
    with capsys.disabled():
        print(  # noqa: T201  the figures are what is asked for
            f"\n{len(found):,} pairs of 200 experiments: {significant:.2%} significant at 5%, "
            f"smallest p {found.min():.1g}; with a planted dependent one {caught.min():.1g}"
        )
    assert 0.04 <= significant <= 0.06
    assert found.min() > CAUGHT > caught.min()


def test_a_hash_that_depends_on_another_experiment_is_caught() -> None:
    first = _p_values(_arms(16, _public(1)))
    second = _p_values(_arms(16, _public(2)))
    assert (first < 0.05).mean() > 0.2  # 5% are expected
    assert first.min() < CAUGHT
    assert (second < 0.05).mean() < 0.12
    assert second.min() > 1e-5
