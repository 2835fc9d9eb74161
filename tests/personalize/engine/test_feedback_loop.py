"""A model must not learn from what it caused: with the rules, lists clicked by place alone do no
harm; without them they do."""

import numpy as np
import pytest

from personalize.algorithms.ease import Ease
from personalize.engine.dataset import Dataset
from tests.personalize.engine.loop import Platform, platform


def found(happened: Platform, data: Dataset, seed: int) -> float:
    """Return NDCG@10 of a model fitted on this data; every course is in it."""
    assert len(data.course_ids) == len(data.courses)
    return happened.ndcg(Ease().fit(data.interactions, rng=np.random.default_rng(seed)))


def three_ways(learners: int, seed: int) -> tuple[float, float, float]:
    """Return NDCG@10 on unbiased data, on everything with the rules, and without them."""
    happened = platform(learners, rng=np.random.default_rng(seed))
    unbiased = found(happened, happened.data(happened.own, governed=False), seed)
    with_rules = found(happened, happened.data(happened.everything, governed=True), seed)
    without = found(happened, happened.data(happened.everything, governed=False), seed)
    return unbiased, with_rules, without


def test_with_the_rules_clicks_by_place_alone_teach_nothing_and_without_them_they_do() -> None:
    unbiased, with_rules, without = three_ways(400, 1)
    assert with_rules >= 0.98 * unbiased
    assert without < 0.9 * unbiased


@pytest.mark.prove
def test_the_rules_keep_what_a_model_finds_within_two_percent() -> None:
    print("\nNDCG@10 on unbiased data, with the rules, without")  # noqa: T201
    kept, lost = [], []
    for seed in range(5):
        unbiased, with_rules, without = three_ways(3_000, seed)
        print(f"| {seed} | {unbiased:.4f} | {with_rules:.4f} | {without:.4f} |")  # noqa: T201
        kept.append(with_rules / unbiased)
        lost.append(without / unbiased)
    assert min(kept) >= 0.98
    assert max(lost) < 0.95
