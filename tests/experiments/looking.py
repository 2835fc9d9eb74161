"""Worlds for looking every day: arms of five kinds of metric, many experiments at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats import cuped
from experiments.stats.contrasts import Contrast, Estimated, absolute
from experiments.stats.means import Sample, two_sided
from experiments.stats.proportions import Proportion
from experiments.stats.ratio import Ratio
from experiments.stats.sequential import confidence, critical_values

Values = NDArray[np.float64]
DAYS = 14
ALPHA = 0.05
LEARNERS = 40  # a day and arm
CLASSES = 6  # a day and arm
Draw = Callable[[np.random.Generator, int, float], Iterator[Contrast]]


def _looks(values: Values) -> Values:
    """Sum learners (last axis) and days up to each look: arm, run, look."""
    summed: Values = values.sum(-1, dtype=np.float64).cumsum(-1)
    return summed


def _sample(values: Values, a_day: int) -> Sample:
    n = np.arange(1.0, DAYS + 1) * a_day
    return Sample(n, _looks(values), _looks(values * values))


def _at(sample: Sample, arm: int, look: int) -> Sample:
    totals, squares = np.asarray(sample.total), np.asarray(sample.squares)
    n = np.asarray(sample.n)
    return Sample(float(n[look]), totals[arm, :, look], squares[arm, :, look])


def _each_look(arm_at: Callable[[int, int], Estimated]) -> Iterator[Contrast]:
    for look in range(DAYS):
        yield absolute(arm_at(0, look), arm_at(1, look))


def _lift(effect: float) -> Values:
    """Return what each arm gets: nothing, and the effect; shaped for arm, run, day, learner."""
    return np.array([0.0, effect]).reshape(2, 1, 1, 1)


def proportion(rng: np.random.Generator, runs: int, effect: float) -> Iterator[Contrast]:
    """Did it or did not; 8% do."""
    chance = 0.08 + _lift(effect)[..., 0]
    done = rng.binomial(LEARNERS, chance, (2, runs, DAYS)).astype(np.float64).cumsum(-1)
    return _each_look(lambda arm, look: Proportion((look + 1.0) * LEARNERS, done[arm, :, look]))


def heavy_tail(rng: np.random.Generator, runs: int, effect: float) -> Iterator[Contrast]:
    """Log-normal with a skewness of 6.2: a few learners do most of it."""
    shape = (2, runs, DAYS, LEARNERS)
    values: Values = rng.lognormal(0, 1, shape) * (1 + _lift(effect))
    sums = _sample(values, LEARNERS)
    return _each_look(lambda arm, look: _at(sums, arm, look))


def ratio(rng: np.random.Generator, runs: int, effect: float) -> Iterator[Contrast]:
    """Clicks per list: learners see 1 to many lists and differ in how they click."""
    shape = (2, runs, DAYS, LEARNERS)
    lists = (1 + rng.poisson(3, shape)).astype(np.float64)
    habit = rng.beta(1, 9, shape) * (1 + _lift(effect))
    clicks = rng.binomial(lists.astype(np.int64), np.minimum(habit, 1)).astype(np.float64)
    top, base = _sample(clicks, LEARNERS), _sample(lists, LEARNERS)
    products = _looks(clicks * lists)
    return _each_look(
        lambda arm, look: Ratio(_at(top, arm, look), _at(base, arm, look), products[arm, :, look])
    )


def adjusted(rng: np.random.Generator, runs: int, effect: float) -> Iterator[Contrast]:
    """Modules, of which the time before predicts about half (CUPED)."""
    shape = (2, runs, DAYS, LEARNERS)
    diligence = rng.gamma(2, 1, shape)
    before = rng.poisson(diligence).astype(np.float64)
    during = rng.poisson(diligence * (1 + _lift(effect))).astype(np.float64)
    post, pre = _sample(during, LEARNERS), _sample(before, LEARNERS)
    products = _looks(during * before)
    for look in range(DAYS):
        control, variant = (
            cuped.Paired(_at(post, arm, look), _at(pre, arm, look), products[arm, :, look])
            for arm in (0, 1)
        )
        adjustment = cuped.adjust(control, variant)
        yield absolute(adjustment.control, adjustment.variant)


def clustered(rng: np.random.Generator, runs: int, effect: float) -> Iterator[Contrast]:
    """Classes of 10 to 30 learners, intraclass correlation .2; classes are randomized."""
    shape = (2, runs, DAYS, CLASSES)
    sizes = rng.integers(10, 31, shape).astype(np.float64)
    noise = np.sqrt(0.2) * rng.normal(size=shape) + np.sqrt(0.8 / sizes) * rng.normal(size=shape)
    totals: Values = sizes * (noise + _lift(effect))
    top, base = _sample(totals, CLASSES), _sample(sizes, CLASSES)
    products = _looks(totals * sizes)
    return _each_look(
        lambda arm, look: Ratio(_at(top, arm, look), _at(base, arm, look), products[arm, :, look])
    )


KINDS: dict[
    str, tuple[Draw, float]
] = {  # with an effect that a test that looks once finds in some 80%
    "proportion": (proportion, 0.051),
    "heavy-tailed mean": (heavy_tail, 0.24),
    "ratio": (ratio, 0.3),
    "CUPED": (adjusted, 0.15),
    "clustered": (clustered, 0.22),
}


@dataclass(frozen=True, slots=True)
class Called:
    """Shares of the experiments."""

    as_planned: float  # some look crosses its bound
    every_day: float  # some look crosses 5%, without a plan
    once: float  # the last look crosses 5%


def looked_at(draw: Draw, rng: np.random.Generator, *, runs: int, effect: float) -> Called:
    """Look at every run on every day; bounds are computed once a plan."""
    fractions = tuple(day / DAYS for day in range(1, DAYS + 1))
    levels = [1 - confidence(bound) for bound in critical_values(fractions, alpha=ALPHA)]
    planned = np.zeros(runs, dtype=bool)
    careless = np.zeros(runs, dtype=bool)
    last = np.zeros(runs, dtype=bool)
    for level, contrast in zip(levels, draw(rng, runs, effect), strict=True):
        p_value = np.asarray(two_sided(contrast, alpha=ALPHA).p_value)
        last = p_value < ALPHA
        planned |= p_value < level
        careless |= last
    return Called(float(planned.mean()), float(careless.mean()), float(last.mean()))
