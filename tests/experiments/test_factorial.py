"""Two experiments with salts of their own on one surface are a 2x2: does each read right?"""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from experiments.data import Plan
from experiments.drawing import draw
from experiments.running import Running
from experiments.stats.means import Sample, difference
from tests.experiments.plans import plan
from tests.experiments.world import START

LEARNERS = 20_000
FIRST, SECOND = (plan(key=key, salt=f"{key}:1") for key in ("short-first", "calm-page"))
BASE, BY_FIRST, BY_SECOND, BY_BOTH = 0.10, 0.04, 0.02, 0.06
Flags = NDArray[np.bool_]


def in_variant(wanted: Plan) -> Flags:
    running = Running(1, wanted, START, f"flag:experiment:{wanted.key}", open_share=1.0)
    return np.array([draw(number, running) == "model" for number in range(LEARNERS)])


@pytest.fixture(scope="module")
def arms() -> tuple[Flags, Flags]:
    return in_variant(FIRST), in_variant(SECOND)


def outcomes(arms: tuple[Flags, Flags], *, together: float) -> NDArray[np.float64]:
    """What learners did, where both variants together add `together` to the sum of both."""
    first, second = arms
    rate = BASE + BY_FIRST * first + BY_SECOND * second + together * (first & second)
    did: Flags = np.random.default_rng(7).random(LEARNERS) < rate
    return did.astype(np.float64)


def effect(values: NDArray[np.float64], of: Flags, among: Flags) -> tuple[float, float, float]:
    """The difference of one experiment's arms among some learners, with its 99% interval."""
    control, variant = (
        Sample(len(arm), float(arm.sum()), float(arm @ arm))
        for arm in (values[among & ~of], values[among & of])
    )
    found = difference(control, variant, alpha=0.01)
    return float(found.difference), float(found.low), float(found.high)


def test_every_cell_holds_a_quarter(arms: tuple[Flags, Flags]) -> None:
    first, second = arms
    table = [[int((first & second).sum()), int((first & ~second).sum())]]
    table.append([int((~first & second).sum()), int((~first & ~second).sum())])
    assert stats.chi2_contingency(table).pvalue > 0.01
    assert stats.chisquare(np.ravel(table)).pvalue > 0.01


def test_the_effect_of_each_is_read_at_each_level_of_the_other(arms: tuple[Flags, Flags]) -> None:
    values = outcomes(arms, together=0.0)
    for own, other, truth in ((*arms, BY_FIRST), (*arms[::-1], BY_SECOND)):
        for among in (other, ~other, np.ones_like(other)):
            found, low, high = effect(values, own, among)
            assert low <= truth <= high
            assert abs(found - truth) < 0.02


def test_where_both_together_do_more_each_reads_the_mean_over_the_other(
    arms: tuple[Flags, Flags],
) -> None:
    values = outcomes(arms, together=BY_BOTH)
    first, second = arms
    everybody = np.ones_like(first)
    _, low, high = effect(values, first, everybody)
    assert low <= BY_FIRST + BY_BOTH / 2 <= high  # half of the learners see the other variant
    with_second, without = (effect(values, first, among) for among in (second, ~second))
    assert with_second[1] <= BY_FIRST + BY_BOTH <= with_second[2]
    assert without[1] <= BY_FIRST <= without[2]
    assert with_second[1] > without[2]  # that they interact is seen between the levels


def test_in_separate_parts_of_a_namespace_nobody_is_in_both() -> None:
    half = {"namespace": "home"}
    first = plan(key="a", salt="a:1", namespace_to=0.5, **half)
    second = plan(key="b", salt="b:1", namespace_from=0.5, **half)
    numbers = range(2_000)
    drawn = [
        [draw(n, Running(1, one, START, "flag", 1.0)) for n in numbers] for one in (first, second)
    ]
    assert not any(a and b for a, b in zip(*drawn, strict=True))
    assert all(a or b for a, b in zip(*drawn, strict=True))
