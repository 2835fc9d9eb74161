"""Would another model have done better? Judged on courses drawn at random (L3, pure).

One place of some lists goes to a course drawn uniformly from a pool, with the chance of that draw
on record. What came of those draws can score any model that was not yet made when they were shown:
a model is judged as the policy that shows the course it ranks r-th of the pool with a chance in
proportion to 1 / log2(1 + r), down to TOP. Horvitz and Thompson (1952) weigh each draw by how much
more often the model would have made it; SNIPS (Swaminathan and Joachims 2015) divides by the sum
of the weights; doubly robust (Dudik, Langford and Li 2011) takes off what the course alone tells.

Intervals count learners, not draws: draws of one learner go together (Liang and Zeger 1986).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

TOP = 10  # ranks of a pool that a model is judged by
LEVEL = 0.95
POWER = 0.8
PRIOR = 20.0  # draws of the whole log that a course's own rate is mixed with
FOLDS = 2  # a learner's own draws never tell what was to be expected of them

Floats = NDArray[np.float64]
Pools = NDArray[np.integer]
Groups = NDArray[np.integer]  # (n,) whose draw it is, from 0


class Estimator(StrEnum):
    """How draws are put together."""

    IPS = "ips"
    SNIPS = "snips"
    DR = "dr"


class Verdict(StrEnum):
    """What a comparison says."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL = "can't tell"


@dataclass(frozen=True, slots=True)
class Draws:
    """What was drawn, and what came of it: n draws from pools of at most m courses."""

    learners: NDArray[np.integer]  # (n,) whose list it was; any labels
    pools: Pools  # (n, m) courses, -1 where a pool is smaller; every course at most once
    drawn: NDArray[np.integer]  # (n,) which position of the pool was shown
    rewards: Floats  # (n,) what came of it, for example 1 for a lesson completed

    def __post_init__(self) -> None:
        """Refuse what cannot have been drawn."""
        n = len(self.learners)
        if self.pools.ndim != 2 or not n == len(self.pools) == len(self.drawn) == len(self.rewards):
            raise ValueError("A draw needs a learner, a pool, a position in it and a reward.")
        if not n:
            raise ValueError("There are no draws to judge by.")
        if (self.drawn < 0).any() or (self.drawn >= self.pools.shape[1]).any():
            raise ValueError("A draw is of a position outside its pool.")
        if (self.pools[np.arange(n), self.drawn] < 0).any():
            raise ValueError("A draw is of an empty position of its pool.")

    @property
    def propensities(self) -> Floats:
        """Return the chance of each draw: every course of a pool has the same."""
        sizes: Floats = (self.pools >= 0).sum(axis=1).astype(np.float64)
        return 1.0 / sizes


@dataclass(frozen=True, slots=True)
class Value:
    """What one model's choices are worth, in rewards a draw."""

    value: float
    error: float  # standard error by learner
    effective: float  # draws that count, by Kish: (sum w)^2 / sum w^2


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model against another on the same draws. All in rewards a draw."""

    new: Value
    old: Value
    difference: float
    low: float
    high: float
    visible: float  # the smallest difference this many draws show in four of five cases
    draws: int
    learners: int
    verdict: Verdict

    @property
    def lift(self) -> float | None:
        """Return the difference as a share of the old value; None where that is nothing."""
        return self.difference / self.old.value if self.old.value > 0 else None


def choices(scores: Floats, pools: Pools) -> Floats:
    """Return how likely a model shows each course of each pool; rows sum to 1.

    Args:
        scores: (n, m) of the courses of the pools; what stands at empty positions is not read.
        pools: (n, m) courses, -1 at empty positions.
    """
    told = np.where(pools >= 0, np.nan_to_num(scores, nan=-np.inf), -np.inf)
    # Ties are broken by the course, not by the position: which came first in a pool is chance.
    order = np.lexsort((pools, -told), axis=1)
    gains = np.zeros(pools.shape[1])
    gains[:TOP] = 1.0 / np.log2(np.arange(2, min(TOP, pools.shape[1]) + 2))
    found = np.empty(scores.shape)
    np.put_along_axis(found, order, np.broadcast_to(gains, scores.shape), axis=1)
    found[pools < 0] = 0.0
    shown: Floats = found / found.sum(axis=1, keepdims=True)
    return shown


def compare(
    draws: Draws, new: Floats, old: Floats, *, estimator: Estimator = Estimator.DR
) -> Comparison:
    """Judge one model against another by what came of the same draws.

    Neither may have been trained on what came of them: that is for the caller to see to.

    Args:
        draws: what was drawn.
        new: (n, m) how likely the new model shows each course (`choices`).
        old: the same of the model it is held against.
        estimator: how draws are put together.
    """
    _, group = np.unique(draws.learners, return_inverse=True)
    expected = _expected(draws, group) if estimator is Estimator.DR else None
    theirs = [_influences(draws, policy, estimator, expected) for policy in (new, old)]
    (first, ours, at_first), (second, others, at_second) = theirs
    difference = first - second
    groups = int(group.max()) + 1
    error = _error(ours - others, group)
    freedom = max(groups - 1, 1)
    reach = float(student.ppf((1 + LEVEL) / 2, freedom))
    low, high = difference - reach * error, difference + reach * error
    return Comparison(
        new=Value(first, _error(ours, group), at_first),
        old=Value(second, _error(others, group), at_second),
        difference=difference,
        low=low,
        high=high,
        visible=(reach + float(student.ppf(POWER, freedom))) * error,
        draws=len(draws.rewards),
        learners=groups,
        verdict=_verdict(low, high, groups),
    )


def _verdict(low: float, high: float, groups: int) -> Verdict:
    if groups < 2 or not (low > 0 or high < 0):
        return Verdict.CANNOT_TELL
    return Verdict.BETTER if low > 0 else Verdict.WORSE


def _influences(
    draws: Draws, policy: Floats, estimator: Estimator, expected: Floats | None
) -> tuple[float, Floats, float]:
    """Return a model's value, what each draw adds to it (mean 0), and how many draws count."""
    at = np.arange(len(draws.drawn))
    weights = policy[at, draws.drawn] / draws.propensities
    effective = float(weights.sum() ** 2 / max(np.square(weights).sum(), 1e-300))
    if estimator is Estimator.SNIPS:
        whole = max(float(weights.mean()), 1e-300)
        value = float((weights * draws.rewards).mean()) / whole
        return value, weights * (draws.rewards - value) / whole, effective
    told = weights * draws.rewards
    if expected is not None:
        left = draws.rewards - expected[at, draws.drawn]
        told = np.einsum("ij,ij->i", policy, expected) + weights * left
    value = float(told.mean())
    return value, told - value, effective


def _expected(draws: Draws, group: Groups) -> Floats:
    """Return the reward to be expected of each course of each pool, by draws of other learners."""
    fold = group % FOLDS
    codes = draws.pools + 1  # an empty position is a course of its own, which is never drawn
    shown = codes[np.arange(len(fold)), draws.drawn]
    found = np.empty(draws.pools.shape)
    for own in range(FOLDS):
        others = fold != own
        if not others.any():
            others = ~others
        times = np.bincount(shown[others], minlength=int(codes.max()) + 1)
        sums = np.bincount(shown[others], weights=draws.rewards[others], minlength=len(times))
        rates = (sums + PRIOR * draws.rewards[others].mean()) / (times + PRIOR)
        found[fold == own] = rates[codes[fold == own]]
    return found


def _error(influences: Floats, group: Groups) -> float:
    """Return the standard error of a mean whose draws go together by learner."""
    sums = np.bincount(group, weights=influences)
    if len(sums) < 2:
        return float("inf")
    spread = float(np.square(sums).sum()) * len(sums) / (len(sums) - 1)
    return float(np.sqrt(spread)) / len(influences)
