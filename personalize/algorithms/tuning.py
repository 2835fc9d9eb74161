"""Which mixture finds the kept-back courses best? Weights tuned on the metric itself (L3, pure).

Neither NDCG nor hits have a gradient, so the weights are moved one at a time, up and down by
factors, as long as their sum rises. The candidates are narrowed to each learner's likely courses
first: a course outside every member's best hundred does not reach the top ten of a mixture.

A mixture always looks good on the learners it was tuned on, so whether to mix at all is decided
by learners its weights have not seen, and on both metrics that models are reported with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray
from personalize.algorithms.evaluate import sample_negatives
from personalize.algorithms.holdout import Holdout

RIVALS = 100
"""Best courses of every member that a target is ranked against."""
NEGATIVES = 100
DEPTH = 10
"""Length of the list that counts."""
FACTORS = (0.0, 0.25, 0.5, 0.8, 0.9, 1.1, 1.25, 2.0, 4.0)
ROUNDS = 6
REVIVED = 0.05
"""Weight a member is tried with again after it was switched off."""
FEWEST = 10
"""Learners; among fewer nothing tells a better model from luck."""
ERRORS = 1.64
"""Standard errors by which a model must find more than a simpler one (one-sided 5%)."""
SHARES = np.array([1.0, 2.0, 0.5, 1.0])
"""How much a gain of one part in hundred counts in each metric (decision 0229). The order counts
twice a hit. What is told of sampled courses has a hundred rivals and little noise, so it counts
twice what is told of all courses, where popularity finds least (decision 0188)."""
QUARTERS = 4
TRIFLE = 0.02
"""A smaller weight is switched off: what it finds is luck, and every member costs time."""

Worth = NDArray[np.float64]
EVEN: Worth = np.ones(4)


@dataclass(frozen=True, slots=True)
class Gains:
    """What a mixture gains from each learner; parallel arrays.

    hits and ndcg are HR and NDCG against sampled negatives, all_hits and all_ndcg those over all
    courses. A sum of the four is tuned on: with NDCG alone the weights would give away hits on
    the lower places for a course that moves up among the upper ones, and against sampled
    negatives alone popularity would weigh more than in a list drawn from all courses.
    """

    hits: NDArray[np.float64]
    ndcg: NDArray[np.float64]
    all_hits: NDArray[np.float64]
    all_ndcg: NDArray[np.float64]

    @classmethod
    def join(cls, parts: Sequence["Gains"], places: Sequence[slice]) -> "Gains":
        """Put each part's learners back where they stood."""
        learners = sum(len(part.hits) for part in parts)
        joined = cls(*(np.zeros(learners) for _ in range(4)))
        for part, at in zip(parts, places, strict=True):
            for whole, some in zip(joined.each(), part.each(), strict=True):
                whole[at] = some
        return joined

    def each(self) -> tuple[NDArray[np.float64], ...]:
        return self.hits, self.ndcg, self.all_hits, self.all_ndcg

    def total(self, worth: Worth = EVEN) -> NDArray[np.float64]:
        """What is tuned on, by learner."""
        each: NDArray[np.float64] = np.tensordot(worth, np.stack(self.each()), 1)
        return each

    def mean(self, worth: Worth = EVEN) -> float:
        """What is tuned on, on average."""
        means = [each.mean() for each in self.each()]
        return float(np.dot(worth, means))

    def is_below(self, other: "Gains") -> bool:
        """Whether clearly fewer are hit or the NDCG is clearly lower, on average."""
        return _is_more(other.hits - self.hits) or _is_more(other.ndcg - self.ndcg)


@dataclass(frozen=True, slots=True)
class Pools:
    """Scores of the members for the courses each target competes with.

    targets (members, learners), rivals and negatives (members, learners, width); missing rivals
    are NaN, which never stand above a target.
    """

    targets: FloatArray
    rivals: FloatArray
    negatives: FloatArray

    @classmethod
    def join(cls, pools: Sequence["Pools"]) -> "Pools":
        width = max(pool.rivals.shape[2] for pool in pools)
        padded = [
            np.pad(
                pool.rivals,
                ((0, 0), (0, 0), (0, width - pool.rivals.shape[2])),
                constant_values=np.nan,
            )
            for pool in pools
        ]
        return cls(
            targets=np.concatenate([pool.targets for pool in pools], axis=1),
            rivals=np.concatenate(padded, axis=1),
            negatives=np.concatenate([pool.negatives for pool in pools], axis=1),
        )

    def without(self, member: int) -> "Pools":
        """The same courses, ranked by the other members."""
        return Pools(*(np.delete(scores, member, axis=0) for scores in self.scores()))

    def scores(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return self.targets, self.rivals, self.negatives

    def of(self, learners: slice | NDArray[np.bool_]) -> "Pools":
        # Copies: a mixture of a strided view would copy it every time.
        return Pools(*(np.ascontiguousarray(scores[:, learners]) for scores in self.scores()))


def pool(scores: FloatArray, holdout: Holdout, at: slice, rng: np.random.Generator) -> Pools:
    """Narrow scores (members, learners, courses) of the learners ``at`` to their likely courses."""
    members, learners, n_courses = scores.shape
    targets = holdout.targets[at]
    rivals = np.full((members, learners, members * RIVALS), np.nan, dtype=np.float32)
    negatives = np.full((members, learners, NEGATIVES), np.nan, dtype=np.float32)
    for learner, history in enumerate(holdout.histories[at]):
        taken = np.append(history.courses, targets[learner])
        likely = _likely(scores[:, learner], taken)
        rivals[:, learner, : len(likely)] = scores[:, learner, likely]
        others = sample_negatives(taken, n_courses, NEGATIVES, rng)
        negatives[:, learner, : len(others)] = scores[:, learner, others]
    at_target = scores[:, np.arange(learners), targets]
    return Pools(targets=at_target, rivals=rivals, negatives=negatives)


def objective(pools: Pools, weights: NDArray[np.float64], worth: Worth = EVEN) -> float:
    """What a mixture gains from all learners, on average."""
    return gains(pools, weights).mean(worth)


def worth_of(pools: Pools) -> Worth:
    """What each metric counts: its share over what the best member alone reaches in it."""
    alone = [gains(pools, weights).each() for weights in np.eye(len(pools.targets))]
    best: Worth = np.array(alone).mean(axis=2).max(axis=0)
    return np.where(best > 0, SHARES / np.maximum(best, 1e-9), 0.0)


def gains(pools: Pools, weights: NDArray[np.float64]) -> Gains:
    """What a mixture gains from each learner."""
    mixture = weights.astype(np.float32)
    return _gains(
        mixture @ pools.targets,
        np.tensordot(mixture, pools.rivals, 1),
        np.tensordot(mixture, pools.negatives, 1),
    )


def settle(pools: Pools, *, plain: int | None = None) -> NDArray[np.float64]:
    """The tuned mixture, or all weight on the best member where mixing does not find more.

    A mixture serves where it finds clearly more than the best member and clearly less than none
    in either metric, hit rate and NDCG. It counts with what weights tuned on half of the learners
    find for the other half. Where no member finds clearly more than the ``plain`` one, that one
    is the best.
    """
    members, learners = pools.targets.shape
    alone = list(np.eye(members))
    found = [gains(pools, weights) for weights in alone]
    worth = worth_of(pools)
    best = int(np.argmax([each.mean(worth) for each in found]))
    enough = learners >= FEWEST
    if plain is not None and not (enough and _clearly_more(found[best], found[plain], worth)):
        best = plain
    if not enough:
        return alone[best]
    mixed = _unseen_gains(pools)
    if _clearly_more(mixed, found[best], worth) and not any(mixed.is_below(each) for each in found):
        return tune(pools)
    return alone[best]


def _clearly_more(ours: Gains, theirs: Gains, worth: Worth) -> bool:
    return _is_more(ours.total(worth) - theirs.total(worth))


def _is_more(difference: NDArray[np.float64]) -> bool:
    """Whether a paired difference is above 0 by more than chance."""
    error = difference.std() / np.sqrt(len(difference))
    return bool(difference.mean() > ERRORS * error)


def _unseen_gains(pools: Pools) -> Gains:
    """What a mixture gains from each learner with weights tuned on the other half of them."""
    even, odd = slice(0, None, 2), slice(1, None, 2)
    return Gains.join(
        [
            gains(pools.of(unseen), _search(pools.of(seen)))
            for seen, unseen in ((odd, even), (even, odd))
        ],
        (even, odd),
    )


def tune(pools: Pools) -> NDArray[np.float64]:
    """Non-negative weights, summing to 1: the mean of what any two quarters of learners ask for.

    A search ends where the luck of its learners leads it; the mean of several finds more for
    others than any of them, and more than one search among all (decision 0265).
    """
    learners = pools.targets.shape[1]
    if learners < QUARTERS * FEWEST:
        return _search(pools)
    quarter = np.arange(learners) % QUARTERS
    halves = [np.isin(quarter, pair) for pair in combinations(range(QUARTERS), 2)]
    found = np.mean([_search(pools.of(half)) for half in halves], axis=0)
    return _without_trifles(found)


def _search(pools: Pools) -> NDArray[np.float64]:
    """Weights at a local maximum of the objective, from equal ones on."""
    members = len(pools.targets)
    _, weights = _climb(pools, np.full(members, 1.0 / members), worth_of(pools))
    return _without_trifles(weights)


def _without_trifles(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.where(weights < TRIFLE * weights.sum(), 0.0, weights)
    shares: NDArray[np.float64] = kept / kept.sum()
    return shares


def _climb(
    pools: Pools, weights: NDArray[np.float64], worth: Worth
) -> tuple[float, NDArray[np.float64]]:
    best = objective(pools, weights, worth)
    for _ in range(ROUNDS):
        before = best
        for member in range(len(weights)):
            best, weights = _moved(pools, weights, member, best, worth)
        if best - before < 1e-5:
            break
    return best, weights


def _moved(
    pools: Pools, weights: NDArray[np.float64], member: int, best: float, worth: Worth
) -> tuple[float, NDArray[np.float64]]:
    """The best weights that differ from these in one member at most."""
    others = np.delete(np.arange(len(weights)), member)
    rest = [_mixed(weights[others], scores, others) for scores in pools.scores()]
    own = [scores[member] for scores in pools.scores()]
    current = weights[member]
    for factor in FACTORS:
        tried = weights.copy()
        tried[member] = (current or REVIVED) * factor
        if tried.any():
            share = np.float32(tried[member])
            value = _gains(*(a + share * b for a, b in zip(rest, own, strict=True))).mean(worth)
            if value > best:
                best, weights = value, tried
    return best, weights / weights.sum()


def _mixed(
    weights: NDArray[np.float64], scores: FloatArray, members: NDArray[np.intp]
) -> FloatArray:
    """The weighted sum of some members' scores, one after the other: no copy of them all."""
    total = np.zeros(scores.shape[1:], dtype=np.float32)
    for weight, member in zip(weights.tolist(), members.tolist(), strict=True):
        if weight:
            total += np.float32(weight) * scores[member]
    return total


def _likely(scores: FloatArray, taken: NDArray[np.integer]) -> NDArray[np.intp]:
    """Courses among the best hundred of any member, without the taken ones and the target."""
    count = min(RIVALS + len(taken), scores.shape[1])
    best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    if count > RIVALS:
        order = np.take_along_axis(-scores, best, axis=1).argsort(axis=1)
        best = np.take_along_axis(best, order, axis=1)
    wanted = np.zeros(scores.shape[1], dtype=bool)
    for row in best:
        wanted[row[~np.isin(row, taken)][:RIVALS]] = True
    return np.flatnonzero(wanted)


def _gains(targets: FloatArray, rivals: FloatArray, negatives: FloatArray) -> Gains:
    among_all = np.count_nonzero(rivals >= targets[:, None], axis=1)
    among_sampled = np.count_nonzero(negatives >= targets[:, None], axis=1)
    return Gains(
        hits=(among_sampled < DEPTH).astype(np.float64),
        ndcg=_ndcg(among_sampled),
        all_hits=(among_all < DEPTH).astype(np.float64),
        all_ndcg=_ndcg(among_all),
    )


def _ndcg(ranks: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.where(ranks < DEPTH, 1.0 / np.log2(ranks + 2.0), 0.0)
