"""Is a model called better only where it is? A thousand logs of 100,000 draws, with and without."""

from dataclasses import dataclass

import numpy as np
import pytest

from personalize.algorithms.offpolicy import Draws, Estimator, Verdict, choices, compare

pytestmark = pytest.mark.prove

LEARNERS, EACH, POOL, COURSES, DAYS, FIELDS = 30_000, 5, 30, 300, 7, 6
LOGS, OF_A_LOG = 1_000, 20_000  # learners of a log: 100,000 draws


@dataclass(frozen=True, slots=True)
class World:
    """A population of lists: what learners would take, and what two models would show."""

    pools: np.ndarray
    chances: np.ndarray
    new: np.ndarray
    old: np.ndarray

    @property
    def worth(self) -> float:
        """Return what the old model's choices are worth in truth."""
        return float((self.old * self.chances).sum(axis=1).mean())

    @property
    def truth(self) -> float:
        """Return by how much the new model's choices are worth more in truth."""
        return float(((self.new - self.old) * self.chances).sum(axis=1).mean())

    def played(self, run: int) -> tuple[Draws, np.ndarray]:
        """Return a log of learners drawn from the population, and its rows."""
        rng = np.random.default_rng([20_261, run])
        who = rng.integers(0, LEARNERS, OF_A_LOG)
        rows = (who[:, None] * EACH + np.arange(EACH)).ravel()
        drawn = rng.integers(0, POOL, len(rows))
        rewards = (rng.random(len(rows)) < self.chances[rows, drawn]).astype(float)
        label = np.repeat(np.arange(OF_A_LOG), EACH)
        return Draws(label, self.pools[rows], drawn, rewards), rows


def world(*, lift: float) -> World:
    """Return a world in which the new model is worth so much more than the old one.

    Learners differ in how much they take and in which field they like; courses in how much they are
    taken. The old model knows nothing; the new one as much as brings the lift.
    """
    rng = np.random.default_rng(7)
    learners = np.repeat(np.arange(LEARNERS), EACH)
    of_day = np.stack([rng.permutation(COURSES)[:POOL] for _ in range(DAYS)])
    pools = of_day[rng.integers(0, DAYS, len(learners))]
    taken, field = rng.normal(0, 0.5, COURSES), rng.integers(0, FIELDS, COURSES)
    likes, eager = rng.integers(0, FIELDS, LEARNERS), rng.normal(0, 0.8, LEARNERS)
    liked = field[pools] == likes[learners][:, None]
    logit = -2.9 + taken[pools] + 0.9 * liked + eager[learners][:, None]
    chances = 1 / (1 + np.exp(-logit))
    known = chances / chances.mean(axis=1, keepdims=True) - 1
    noise, other = rng.normal(size=(2, *pools.shape))
    old = choices(other, pools)
    found = World(pools, chances, choices(noise, pools), old)
    low, high = 0.0, 2.0
    for _ in range(12 if lift else 0):
        much = (low + high) / 2
        found = World(pools, chances, choices(noise + much * known, pools), old)
        low, high = (much, high) if found.truth < lift * found.worth else (low, much)
    return found


@pytest.mark.parametrize("lift", [0.0, 0.1])
def test_a_verdict_is_right_as_often_as_it_says(
    lift: float, capsys: pytest.CaptureFixture[str]
) -> None:
    there = world(lift=lift)
    assert there.truth == pytest.approx(lift * there.worth, abs=0.002 * there.worth)
    said: dict[Estimator, list[tuple[Verdict, bool, float]]] = {one: [] for one in Estimator}
    for run in range(LOGS):
        draws, rows = there.played(run)
        for estimator in Estimator:
            found = compare(draws, there.new[rows], there.old[rows], estimator=estimator)
            covers = found.low <= there.truth <= found.high
            said[estimator].append((found.verdict, covers, found.difference))
    for estimator, every in said.items():
        verdicts = [verdict for verdict, _, _ in every]
        better = verdicts.count(Verdict.BETTER) / LOGS
        covered = sum(covers for _, covers, _ in every) / LOGS
        spread = float(np.std([difference for *_, difference in every])) / there.worth
        with capsys.disabled():
            line = f"| {lift:.0%} | {estimator} | {better:.1%} | {covered:.1%} | {spread:.2%} |"
            print(line)  # noqa: T201
        assert better >= 0.8 if lift else better <= 0.05
        assert 0.93 <= covered <= 0.97
