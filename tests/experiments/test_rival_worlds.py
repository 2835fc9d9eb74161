"""Does progression win? Experiments run by the product's rules in worlds whose truth is known.

A tenth of learners is in for 28 days: 300 a day and arm. Modules are counted in the 14 days after
a learner came, so those of the last two weeks are not in yet. Harm is watched every day; at the
end of the step the look of the plan advises.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.metrics import MARGIN
from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import absolute
from experiments.stats.means import Sample, difference
from experiments.stats.sequential import confidence, critical_values
from experiments.stats.verdict import ROLL_BACK, SHIP, Reading, advise

Values = NDArray[np.float64]

STEP_DAYS, WINDOW, A_DAY = 28, 14, 300
LOOK_DAYS = (28, 56)  # the first look ends the step of a tenth, the second that of a quarter
ALPHA = 0.05
CLICKS, MODULES, SPREAD = 0.08, 1.24, 0.77  # per list; a learner; and how unlike learners are


@dataclass(frozen=True, slots=True)
class World:
    """What the variant really does, as shares of the control's level."""

    clicks: float
    modules: float


BAIT = World(clicks=0.25, modules=-2 * MARGIN)
HARMLESS = World(clicks=0.25, modules=0.0)
NOTHING = World(clicks=0.0, modules=0.0)


@dataclass(frozen=True, slots=True)
class Ended:
    """Shares of the runs."""

    rolled_back: float  # before the step ended
    shipped: float


def _sums(rng: np.random.Generator, runs: int, mean: float, *, days: int) -> Sample:
    """Return modules of all learners whose window is over, by run and day."""
    chance = SPREAD / (SPREAD + mean)
    totals, squares = np.zeros((runs, days)), np.zeros((runs, days))
    for day in range(days):
        drawn = rng.negative_binomial(SPREAD, chance, (runs, A_DAY)).astype(np.float64)
        totals[:, day], squares[:, day] = drawn.sum(1), (drawn * drawn).sum(1)
    n = np.arange(1.0, days + 1) * A_DAY
    return Sample(n, totals.cumsum(1), squares.cumsum(1))


def _clicks(rng: np.random.Generator, runs: int, rate: float) -> Sample:
    n = float(STEP_DAYS * A_DAY)
    shares = rng.binomial(4, rate, (runs, int(n))) / 4
    return Sample(n, shares.sum(1), (shares * shares).sum(1))


def _at(sample: Sample, run: int) -> Sample:
    totals, squares, n = (np.asarray(x) for x in (sample.total, sample.squares, sample.n))
    return Sample(float(n[-1]), float(totals[run, -1]), float(squares[run, -1]))


def _reading(metric: str, control: Sample, variant: Sample, *, guarded: bool) -> Reading:
    fractions = tuple(day / LOOK_DAYS[-1] for day in LOOK_DAYS)
    level = 1 - confidence(critical_values(fractions, alpha=ALPHA)[0])
    found = difference(control, variant, alpha=level)
    return Reading(
        metric,
        "progression" if guarded else "engagement",
        success=not guarded,
        guarded=guarded,
        low=float(found.low),
        high=float(found.high),
        margin=MARGIN * float(control.mean),
    )


def ended(world: World, rng: np.random.Generator, *, runs: int) -> Ended:
    """Play the step of a tenth."""
    days = STEP_DAYS - WINDOW
    before = _sums(rng, runs, MODULES, days=days)
    after = _sums(rng, runs, MODULES * (1 + world.modules), days=days)
    fell = np.any(upper_always(absolute(before, after), alpha=ALPHA) < 0, axis=1)
    control = _clicks(rng, runs, CLICKS)
    variant = _clicks(rng, runs, CLICKS * (1 + world.clicks))
    verdicts = []
    for run in np.flatnonzero(~fell).tolist():
        clicks = [
            Sample(arm.n, float(np.asarray(arm.total)[run]), float(np.asarray(arm.squares)[run]))
            for arm in (control, variant)
        ]
        readings = (
            _reading("ctr", *clicks, guarded=False),
            _reading("modules_completed", _at(before, run), _at(after, run), guarded=True),
        )
        expected = ("ctr", "modules_completed")
        verdicts.append(advise(readings, expected=expected, sound=True, powered=False).verdict)
    rolled_back = fell.sum() + verdicts.count(ROLL_BACK)
    return Ended(float(rolled_back) / runs, verdicts.count(SHIP) / runs)


def test_bait_is_rolled_back_and_never_shipped() -> None:
    found = ended(BAIT, np.random.default_rng(1), runs=100)
    assert found.shipped <= 0.05
    assert found.rolled_back >= 0.9


def test_a_gain_that_costs_nothing_is_shipped_and_nothing_is_left_alone() -> None:
    gain = ended(HARMLESS, np.random.default_rng(2), runs=100)
    nothing = ended(NOTHING, np.random.default_rng(3), runs=100)
    assert gain.shipped >= 0.5
    assert gain.rolled_back <= 0.1
    assert nothing.shipped <= 0.05
    assert nothing.rolled_back <= 0.1


@pytest.mark.prove
def test_a_thousand_experiments_in_each_world(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(4)
    lines = ["| world | rolled back in the step of a tenth | shipped at its end |", "|---|---|---|"]
    worlds = {
        "clicks +25%, modules down by twice the margin": BAIT,
        "clicks +25%, modules unchanged": HARMLESS,
        "nothing changed": NOTHING,
    }
    found = {name: ended(world, rng, runs=1_000) for name, world in worlds.items()}
    lines += [
        f"| {name} | {one.rolled_back:.1%} | {one.shipped:.1%} |" for name, one in found.items()
    ]
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201  the table is what is asked for
    bait, harmless, nothing = found.values()
    assert bait.rolled_back >= 0.9
    assert bait.shipped <= 0.05
    assert max(harmless.rolled_back, nothing.rolled_back) <= 0.05
    assert nothing.shipped <= 0.05
