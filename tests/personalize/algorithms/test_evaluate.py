"""Ranking metrics against definitions written out by hand, and what is held out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from personalize.algorithms.base import Arrays, FloatArray, History, IndexArray, Interactions
from personalize.algorithms.evaluate import (
    Case,
    evaluate,
    metrics_of,
    ndcg_at,
    sample_negatives,
    target_ranks,
)
from personalize.algorithms.holdout import affordable, hold_out_newest, hold_outs
from personalize.algorithms.popularity import Popularity
from tests.personalize.algorithms.worlds import checkerboard, ring, rows


class Fixed(Popularity):
    """Gives everyone the scores it was made with."""

    name: ClassVar[str] = "fixed"

    def __init__(self, scores: list[float]) -> None:
        self.popularity_ = np.array(scores, dtype=np.float32)
        self.n_courses_ = len(scores)

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        return self

    def arrays(self) -> Arrays:
        return {}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        return cls(**params)


def case(history: list[int], targets: list[int], negatives: list[int] | None = None) -> Case:
    listed = None if negatives is None else np.array(negatives, dtype=np.int32)
    return Case(History.of(history), np.array(targets, dtype=np.int32), listed)


def array(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float32)


def test_ties_rank_against_us() -> None:
    assert target_ranks(array(0.5), array(0.5, 0.5, 0.1)).tolist() == [2]
    assert target_ranks(array(0.9, 0.5), array(0.7, 0.5)).tolist() == [0, 3]


def test_a_model_that_scores_everything_the_same_finds_nothing() -> None:
    found = evaluate(Fixed([1.0] * 30), [case([0], [5])])
    assert found["hr@10"] == 0
    assert found["mrr"] == pytest.approx(1 / 29)


def test_a_model_that_scores_nan_ranks_last() -> None:
    found = evaluate(Fixed([float("nan")] * 12), [case([0], [5])])
    assert found["mrr"] == pytest.approx(1 / 12)


def test_metrics_are_their_definitions() -> None:
    found = metrics_of([np.array([0, 4]), np.array([12])])
    ideal = 1 + 1 / np.log2(3)
    assert found["hr@1"] == 0.5
    assert found["recall@1"] == pytest.approx((1 / 2 + 0) / 2)
    assert found["recall@5"] == 0.5
    assert found["recall@20"] == 1.0
    assert found["ndcg@1"] == 0.5
    assert found["ndcg@5"] == pytest.approx((1 + 1 / np.log2(6)) / ideal / 2)
    assert found["mrr"] == pytest.approx((1 + 1 / 13) / 2)


def test_taken_courses_are_not_ranked_and_not_shown() -> None:
    model = Fixed([9.0, 8.0, 7.0, 6.0])
    found = evaluate(model, [case([0, 1], [2])])
    assert found["hr@1"] == 1.0
    assert found["coverage@10"] == 0.5


def test_a_course_taken_before_can_be_the_one_to_find() -> None:
    assert evaluate(Fixed([9.0, 8.0, 7.0]), [case([0, 1], [1])])["hr@1"] == 1.0


def test_negatives_are_ranked_alone_and_all_courses_beside_them() -> None:
    found = evaluate(Fixed([9.0, 8.0, 7.0, 6.0]), [case([], [2], [3])])
    assert found["hr@1"] == 1.0
    assert found["all_hr@1"] == 0.0
    assert found["all_mrr"] == pytest.approx(1 / 3)


def test_negatives_are_courses_the_learner_did_not_take() -> None:
    rng = np.random.default_rng(0)
    drawn = [sample_negatives(np.array([0, 3]), 6, 3, rng) for _ in range(200)]
    assert set(np.concatenate(drawn).tolist()) == {1, 2, 4, 5}
    assert all(len(set(row.tolist())) == 3 for row in drawn)
    assert sorted(sample_negatives(np.array([0, 3]), 6, 100, rng).tolist()) == [1, 2, 4, 5]


def test_the_tuning_metric_is_the_reported_metric() -> None:
    holdout = hold_out_newest(checkerboard(), learners=40, rng=np.random.default_rng(0))
    scores = np.random.default_rng(1).random((40, 20), dtype=np.float32)
    expected = [
        evaluate(Fixed(row.tolist()), [Case(history, np.array([target], dtype=np.int32))])
        for row, history, target in zip(scores, holdout.histories, holdout.targets, strict=True)
    ]
    assert ndcg_at(scores, holdout, 10) == pytest.approx(np.mean([f["ndcg@10"] for f in expected]))


def test_the_newest_course_of_a_learner_is_held_out_and_leaves_the_training() -> None:
    data = ring(learners=30)
    holdout = hold_out_newest(data, learners=10, rng=np.random.default_rng(0))
    assert len(holdout.train.courses) == len(data.courses) - 10
    for history, target in zip(holdout.histories, holdout.targets, strict=True):
        assert target == (history.courses[-1] + 1) % 12
        assert len(history.courses) == 4


def test_with_a_clock_nothing_later_than_the_kept_back_courses_is_trained_on() -> None:
    moments = np.random.default_rng(2).uniform(0, 365, size=(60, 6))
    moments.sort(axis=1)
    courses = np.tile(np.arange(6), 60).astype(np.int32)
    data = Interactions(
        learners=np.repeat(np.arange(60), 6).astype(np.int32),
        courses=courses,
        times=moments.ravel(),
        weights=np.ones(360, dtype=np.float32),
        n_learners=60,
        n_courses=6,
    )
    holdout = hold_out_newest(data, learners=500, rng=np.random.default_rng(0))
    moment = holdout.train.times.max()
    later = moments > moment
    able = later.any(axis=1) & ~later.all(axis=1)
    expected: IndexArray = later.argmax(axis=1)[able].astype(np.int32)
    assert holdout.targets.tolist() == expected.tolist()
    assert 0.85 <= len(holdout.train.courses) / 360 <= 0.95


@pytest.mark.parametrize("longest", [11, 4])
def test_rows_that_share_the_newest_day_are_kept_back_alone(longest: int) -> None:
    """An imported order ends yesterday for everyone: the last course of each is to be found."""
    lengths = [longest, longest - 1] * 15
    data = rows([list(range(length)) for length in lengths], n_courses=11)
    ends = np.repeat(lengths, lengths)
    holdout = hold_out_newest(
        replace(data, times=data.times - ends), learners=30, rng=np.random.default_rng(0)
    )
    assert holdout.targets.tolist() == [length - 1 for length in lengths]
    assert len(holdout.train.courses) == len(data.courses) - len(lengths)


LOOKED_AT, STARTED, ENROLLED = 0.2, 0.6, 1.0


def weighted(*learners: list[float], clock: bool) -> Interactions:
    """Learners who touch course 0, 1, 2 ... with these weights, a day each."""
    data = rows([list(range(len(weights))) for weights in learners], n_courses=6)
    begin = np.arange(len(learners)) / 100 if clock else np.zeros(len(learners))
    return replace(
        data,
        times=data.times + begin[data.learners],
        weights=np.concatenate(learners).astype(np.float32),
    )


def test_a_course_that_was_only_looked_at_is_history_and_never_the_one_to_find() -> None:
    data = weighted(
        [ENROLLED, LOOKED_AT, STARTED, LOOKED_AT],
        [LOOKED_AT, ENROLLED],
        [ENROLLED, LOOKED_AT],
        clock=False,
    )
    holdout = hold_out_newest(data, learners=9, rng=np.random.default_rng(0))
    assert holdout.targets.tolist() == [2, 1]
    assert [history.courses.tolist() for history in holdout.histories] == [[0, 1], [0]]
    assert holdout.train.courses.tolist() == [0, 1, 0, 0, 1]


def test_with_a_clock_too_only_choices_are_to_be_found() -> None:
    data = weighted(*[[ENROLLED] * 3, [ENROLLED, ENROLLED, LOOKED_AT]] * 20, clock=True)
    holdout = hold_out_newest(data, learners=99, rng=np.random.default_rng(0))
    assert set(holdout.targets.tolist()) == {2}
    assert np.count_nonzero(data.times > holdout.train.times.max()) == 12
    assert len(holdout.targets) == 6


def by_the_clock(learners: int) -> Interactions:
    """Every learner takes one course a day from a day of their own on."""
    data = rows([[(n + step) % 50 for step in range(8)] for n in range(learners)], n_courses=50)
    begun = np.repeat(np.arange(learners) % 40, 8)
    return replace(data, times=data.times + begun)


def test_where_few_came_after_the_moment_newest_choices_of_before_it_are_held_out_too() -> None:
    data = by_the_clock(200)
    newest, before = hold_outs(data, learners=150, rng=np.random.default_rng(1))
    same = hold_out_newest(data, learners=150, rng=np.random.default_rng(1))
    assert newest.targets.tolist() == same.targets.tolist()
    starts = newest.train.starts()
    last = newest.train.courses[starts[before.learners + 1] - 1]
    assert before.targets.tolist() == last.tolist()
    assert len(before.train.courses) == len(newest.train.courses) - len(before.targets)


def test_enough_learners_are_held_out_at_one_moment() -> None:
    data = by_the_clock(200)
    assert len(hold_outs(data, learners=10, rng=np.random.default_rng(1))) == 1


def test_positions_tell_no_earlier_moment() -> None:
    assert len(hold_outs(ring(), learners=10_000, rng=np.random.default_rng(1))) == 1


def test_so_many_learners_are_ranked_as_scores_fit() -> None:
    assert affordable(10_000, 3_000) == 10_000
    assert affordable(10_000, 10_000) == 3_500
    assert affordable(10_000, 100_000_000) == 1
