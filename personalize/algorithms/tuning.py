"""Which mixture finds the kept-back courses best? Weights tuned on the metric itself (L3, pure).

NDCG has no gradient, so the weights are moved one at a time, up and down by factors, as long as
the metric rises. The candidates are narrowed to each learner's likely courses first: a course
outside every member's best hundred does not reach the top ten of a mixture.

A mixture always looks good on the learners it was tuned on, so whether to mix at all is decided
by learners its weights have not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray
from personalize.algorithms.evaluate import sample_negatives
from personalize.algorithms.holdout import Holdout

RIVALS = 100
"""Best courses of every member that a target is ranked against."""
NEGATIVES = 100
SAMPLED_SHARE = 0.5
"""Weight of the NDCG against sampled negatives beside the NDCG over all courses."""
FACTORS = (0.0, 0.25, 0.5, 0.8, 0.9, 1.1, 1.25, 2.0, 4.0)
ROUNDS = 6
REVIVED = 0.05
"""Weight a member is tried with again after it was switched off."""
FEWEST = 10
"""Learners; among fewer nothing tells a better model from luck."""
ERRORS = 1.64
"""Standard errors by which a model must find more than the plain one (one-sided 5%)."""


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

    def of(self, learners: slice) -> "Pools":
        # Copies: a mixture of a strided view would copy it every time.
        return Pools(
            *(
                np.ascontiguousarray(scores[:, learners])
                for scores in (self.targets, self.rivals, self.negatives)
            )
        )


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


def objective(pools: Pools, weights: NDArray[np.float64]) -> float:
    """What a mixture gains from all learners, on average."""
    return float(gains(pools, weights).mean())


def gains(pools: Pools, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """NDCG@10 over all courses plus a share of that against the sampled negatives, by learner."""
    mixture = weights.astype(np.float32)
    target = (mixture @ pools.targets)[:, None]
    over_all = np.tensordot(mixture, pools.rivals, 1) >= target
    sampled = np.tensordot(mixture, pools.negatives, 1) >= target
    return _ndcg(over_all) + SAMPLED_SHARE * _ndcg(sampled)


def settle(pools: Pools, *, plain: int | None = None) -> NDArray[np.float64]:
    """The tuned mixture, or all weight on one member where mixing does not find more.

    Whatever finds most is taken, if it finds clearly more than the ``plain`` member, and else the
    plain member itself; without one it is the best member. A mixture counts with what weights
    tuned on half of the learners find for the other half.
    """
    members, learners = pools.targets.shape
    alone: list[NDArray[np.float64]] = list(np.eye(members))
    found = [gains(pools, weights) for weights in alone]
    if plain is None:
        plain = int(np.argmax([each.mean() for each in found]))
    if learners < FEWEST:
        return alone[plain]
    found.append(_unseen_gains(pools))
    best = int(np.argmax([each.mean() for each in found]))
    more = found[best] - found[plain]
    if more.mean() <= ERRORS * more.std() / np.sqrt(learners):
        best = plain
    return tune(pools) if best == members else alone[best]


def _unseen_gains(pools: Pools) -> NDArray[np.float64]:
    """What a mixture gains from each learner with weights tuned on the other half of them."""
    found = np.zeros(pools.targets.shape[1])
    even, odd = slice(0, None, 2), slice(1, None, 2)
    for seen, unseen in ((even, odd), (odd, even)):
        found[unseen] = gains(pools.of(unseen), tune(pools.of(seen)))
    return found


def tune(pools: Pools) -> NDArray[np.float64]:
    """Non-negative weights, summing to 1, at a local maximum of the objective.

    It starts from equal weights and from the best member alone, and keeps the better end.
    """
    members = len(pools.targets)
    alone = max(np.eye(members), key=lambda weights: objective(pools, weights))
    ends = [_climb(pools, np.full(members, 1.0 / members)), _climb(pools, alone)]
    best = max(ends, key=lambda end: end[0])[1]
    shares: NDArray[np.float64] = best / best.sum()
    return shares


def _climb(pools: Pools, weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    best = objective(pools, weights)
    for _ in range(ROUNDS):
        before = best
        for member in range(len(weights)):
            for factor in FACTORS:
                tried = weights.copy()
                tried[member] = weights[member] * factor if weights[member] else REVIVED * factor
                value = objective(pools, tried) if tried.any() else 0.0
                if value > best:
                    best, weights = value, tried / tried.sum()
        if best - before < 1e-5:
            break
    return best, weights


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


def _ndcg(above: NDArray[np.bool_]) -> NDArray[np.float64]:
    ranks = np.count_nonzero(above, axis=1)
    return np.where(ranks < 10, 1.0 / np.log2(ranks + 2.0), 0.0)
