"""Weights are tuned on the metric: never worse than any member alone on what they were tuned on."""

import numpy as np

from personalize.algorithms.base import History
from personalize.algorithms.evaluate import ndcg_at
from personalize.algorithms.holdout import Holdout
from personalize.algorithms.tuning import Pools, gains, objective, pool, settle, tune
from tests.personalize.algorithms.worlds import ring


def planted(learners: int = 200, n_courses: int = 150) -> tuple[np.ndarray, Holdout]:
    """Two members that each see half the truth, and one that sees noise."""
    rng = np.random.default_rng(4)
    targets = rng.integers(0, n_courses, learners).astype(np.int32)
    scores = rng.random((3, learners, n_courses), dtype=np.float32)
    scores[0, np.arange(learners), targets] += 0.7
    scores[1, np.arange(learners), targets] += 0.7
    histories = [History.of([(int(t) + 1) % n_courses]) for t in targets]
    return scores, Holdout(ring(), histories, targets, learners=np.arange(learners))


def pools() -> Pools:
    scores, holdout = planted()
    return pool(scores, holdout, slice(0, 200), np.random.default_rng(0))


def test_tuned_weights_are_shares_and_beat_every_member_alone() -> None:
    competing = pools()
    weights = tune(competing)
    alone = [objective(competing, member) for member in np.eye(3)]
    assert weights.min() >= 0
    assert np.isclose(weights.sum(), 1.0)
    assert objective(competing, weights) > max(alone) + 0.05
    assert weights[2] < min(weights[0], weights[1])


def test_the_narrowed_candidates_give_the_same_ndcg_as_all_courses() -> None:
    scores, holdout = planted()
    competing = pool(scores, holdout, slice(0, 200), np.random.default_rng(0))
    weights = np.array([0.5, 0.4, 0.1])
    mixture = np.tensordot(weights.astype(np.float32), scores, 1)
    narrowed = gains(competing, weights).all_ndcg.mean()
    assert np.isclose(narrowed, ndcg_at(mixture, holdout, 10), atol=1e-6)


def test_pools_of_different_width_join() -> None:
    scores, holdout = planted()
    halves = [
        pool(scores[:, at], holdout, at, np.random.default_rng(0))
        for at in (slice(0, 100), slice(100, 200))
    ]
    assert Pools.join(halves).targets.shape == (3, 200)


def lucky(learners: int, members: int = 4) -> Pools:
    """Members that know nothing, so the best mixture of them is luck."""
    rng = np.random.default_rng(6)
    scores = rng.random((members, learners, 150), dtype=np.float32)
    _, holdout = planted(learners)
    return pool(scores, holdout, slice(0, learners), np.random.default_rng(0))


def test_a_mixture_that_finds_more_for_learners_it_was_not_tuned_on_is_kept() -> None:
    assert np.count_nonzero(settle(pools(), plain=2)) > 1


def test_a_mixture_that_only_looks_better_where_it_was_tuned_is_not_kept() -> None:
    competing = lucky(60)
    plain = np.eye(4)[2]
    assert objective(competing, tune(competing)) > objective(competing, plain)
    assert settle(competing, plain=2).tolist() == plain.tolist()


def test_without_a_plain_member_the_best_one_serves_alone() -> None:
    competing = lucky(60)
    best = int(np.argmax([objective(competing, member) for member in np.eye(4)]))
    assert settle(competing).tolist() == np.eye(4)[best].tolist()


def test_a_member_that_is_clearly_better_replaces_the_plain_one() -> None:
    scores, holdout = planted()
    twins = np.stack([scores[0], scores[2]])
    weights = settle(pool(twins, holdout, slice(0, 200), np.random.default_rng(0)), plain=1)
    assert weights[0] > 0.5


def test_a_handful_of_learners_settles_nothing() -> None:
    few = pools().of(slice(0, 9))
    assert settle(few, plain=2).tolist() == [0, 0, 1]
    assert len(gains(few, np.eye(3)[0]).total()) == 9


def test_a_mixture_that_ranks_better_but_hits_fewer_than_a_member_is_not_kept() -> None:
    """The third member puts every target in the ninth place, by a hair; the others vary more."""
    scores, holdout = planted()
    everyone = np.arange(len(holdout.targets))
    scores[:2, everyone, holdout.targets] -= 0.15
    scores[2] = 0.899
    for place in range(2, 10):
        scores[2, everyone, (holdout.targets + place) % 150] = 1.0
    scores[2, everyone, holdout.targets] = 0.9
    competing = pool(scores, holdout, slice(0, 200), np.random.default_rng(0))
    sure, mixed = gains(competing, np.eye(3)[2]), gains(competing, tune(competing))
    assert sure.hits.mean() == 1
    assert mixed.mean() > sure.mean() + 0.2
    assert mixed.hits.mean() < 1
    assert sorted(settle(competing).tolist()) == [0, 0, 1]
