"""Both arms alike, looked at on many days: how often does a look call a winner?"""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from experiments.stats.means import Sample, difference
from experiments.stats.sequential import confidence, critical_values

RUNS, A_DAY = 1_000, 40
MANY = 10_000  # runs of the proof; the standard error of a rate of 5% is then .2 points
WORLDS = [("share", (14, 21, 28)), ("count", (14, 21, 28)), ("count", tuple(range(1, 15)))]


def winners(
    values: NDArray[np.float64], *, look_days: tuple[int, ...], alphas: list[float]
) -> float:
    """Share of runs a look calls; values are learners' outcomes: arm, run, day, learner."""
    called = np.zeros(values.shape[1], dtype=bool)
    for day, alpha in zip(look_days, alphas, strict=True):
        seen = values[:, :, :day].reshape(2, values.shape[1], -1)
        control, variant = (
            Sample(arm.shape[1], arm.sum(1), np.einsum("ij,ij->i", arm, arm)) for arm in seen
        )
        called |= np.asarray(difference(control, variant, alpha=alpha).p_value < alpha)
    return float(called.mean())


def spending(look_days: tuple[int, ...]) -> list[float]:
    fractions = tuple(day / look_days[-1] for day in look_days)
    return [1 - confidence(bound) for bound in critical_values(fractions, alpha=0.05)]


def alike(kind: str, look_days: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Outcomes of RUNS experiments whose arms do not differ: clicked shares, or counts."""
    size = (2, RUNS, look_days[-1], A_DAY)
    if kind == "share":
        return rng.binomial(4, 0.08, size) / 4
    return rng.negative_binomial(0.5, 0.2, size).astype(np.float64)


@pytest.mark.parametrize(("kind", "look_days"), WORLDS)
def test_looking_as_planned_calls_hardly_more_false_winners_than_looking_once(
    kind: str, look_days: tuple[int, ...]
) -> None:
    values = alike(kind, look_days, np.random.default_rng(8))
    assert winners(values, look_days=look_days, alphas=spending(look_days)) <= 0.065


@pytest.mark.prove
def test_ten_thousand_experiments_without_an_effect(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(8)
    lines = ["| outcome | looks | as planned | every look at 5% |", "|---|---|---|---|"]
    rates = []
    for kind, look_days in WORLDS:
        planned, careless = [], []
        for _ in range(MANY // RUNS):
            values = alike(kind, look_days, rng)
            planned.append(winners(values, look_days=look_days, alphas=spending(look_days)))
            careless.append(winners(values, look_days=look_days, alphas=[0.05] * len(look_days)))
        rates.append(np.mean(planned))
        days = f"{len(look_days)}, day {look_days[0]} to {look_days[-1]}"
        lines.append(f"| {kind} | {days} | {np.mean(planned):.2%} | {np.mean(careless):.2%} |")
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201  the table is what is asked for
    assert max(rates) <= 0.055


def test_looking_every_day_without_spending_would_call_many() -> None:
    rng = np.random.default_rng(9)
    days = tuple(range(1, 15))
    values = rng.normal(size=(2, RUNS, 14, A_DAY))
    assert winners(values, look_days=days, alphas=[0.05] * 14) > 0.15


def test_a_real_difference_is_found_nearly_as_often_as_by_looking_once() -> None:
    rng = np.random.default_rng(10)
    days = (14, 21, 28)
    effect = 2.8 * np.sqrt(2 / (28 * A_DAY))
    values = rng.normal(np.array([0, effect]).reshape(2, 1, 1, 1), 1, (2, RUNS, 28, A_DAY))
    once = stats.norm.sf(stats.norm.isf(0.025) - 2.8)
    assert winners(values, look_days=days, alphas=spending(days)) > 0.92 * once
