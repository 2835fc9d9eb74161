"""What the members beyond plain neighbours know, in worlds where the right answer is planted."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from personalize.algorithms.base import History
from personalize.algorithms.choice import Choice
from personalize.algorithms.graph_filter import GraphFilter
from personalize.algorithms.holdout import hold_out_newest, some_learners
from personalize.algorithms.item_knn import ItemKnn
from personalize.algorithms.session_knn import SessionKnn
from tests.personalize.algorithms.worlds import checkerboard, ring, rows

ONLY_TOGETHER = [[0, 1, 2]] * 6 + [[0, 3, 4]] * 6 + [[5, 1, 4]] * 6 + [[5, 3, 2]] * 6
"""0 alone leads to 2 as often as to 4, and so does 1; 0 and 1 together lead to 2 only."""


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_two_courses_together_say_what_neither_says_alone() -> None:
    model = SessionKnn().fit(rows(ONLY_TOGETHER, n_courses=6), rng=rng())
    for history, expected, other in (([0, 1], 2, 4), ([1, 5], 4, 2), ([3, 0], 4, 2)):
        scores = model.score(History.of(history))
        assert np.argmax(scores) == expected
        assert scores[other] == 0


def test_both_courses_of_a_pair_are_credited_alike() -> None:
    model = SessionKnn().fit(rows(ONLY_TOGETHER, n_courses=6), rng=rng())
    _, parts = model.contributions(History.of([0, 1]), np.array([2], np.int32))
    assert parts[0, 0] == parts[1, 0] > 0


def test_sessions_of_one_course_say_nothing_of_pairs() -> None:
    model = SessionKnn().fit(rows([[0], [1], [2]], n_courses=3), rng=rng())
    assert not model.score(History.of([0, 1])).any()


def test_the_likely_choice_follows_the_direction_of_the_ring() -> None:
    scores = Choice(factors=16).fit(ring(), rng=rng()).score(History.of([4, 5]))
    assert np.argmax(scores) == 6
    assert scores[6] == 1.0


def test_without_a_past_the_likely_choice_is_the_popular_one() -> None:
    data = rows([[0, 1], [1, 2], [1, 3], [3, 1]] * 10, n_courses=4)
    assert np.argmax(Choice(factors=4).fit(data, rng=rng()).score(History.of([]))) == 1


def test_the_graph_filter_is_the_closed_form() -> None:
    data = checkerboard()
    taken = np.zeros((80, 20))
    taken[data.learners, data.courses] = 1
    degrees = taken.sum(axis=0)
    normal = taken / np.sqrt(np.outer(taken.sum(axis=1), degrees))
    _, _, directions = np.linalg.svd(normal, full_matrices=False)
    low = directions[:5].T
    smooth = (low / np.sqrt(degrees)[:, None]) @ (low * np.sqrt(degrees)[:, None]).T
    expected = np.maximum(normal.T @ normal + 0.3 * smooth, 0.0)
    np.fill_diagonal(expected, 0.0)
    model = GraphFilter(components=5, power=1.0, lean=0.0, neighbours=20).fit(data, rng=rng())
    for course in (0, 7):
        assert_allclose(model.score(History.of([course])), expected[course], atol=1e-3)


def test_a_shape_that_leans_towards_popular_courses_is_chosen_where_only_that_counts() -> None:
    """Nobody's courses have to do with one another; some are just taken far more often."""
    random = np.random.default_rng(3)
    shares = 1.0 / np.arange(1, 41)
    shares /= shares.sum()
    sequences = [random.choice(40, 5, replace=False, p=shares).tolist() for _ in range(600)]
    data = rows(sequences, n_courses=40)
    model = ItemKnn().fit(data, rng=rng())
    assert model.shape_.lean > 0
    assert model.refit_params()["lean"] == model.shape_.lean
    again = ItemKnn(**model.refit_params()).fit(data, rng=rng())
    history = History.of([1, 2])
    assert_array_equal(again.score(history), model.score(history))


def test_some_learners_are_whole_and_about_as_many_rows_as_asked_for() -> None:
    data = checkerboard(learners=400)
    some = some_learners(data, 1000, rng())
    assert 700 < len(some.courses) < 1300
    assert_array_equal(some.lengths(), np.full(some.n_learners, 8))
    assert some_learners(data, 10**6, rng()) is data


def test_without_an_order_any_course_is_kept_back() -> None:
    data = rows([list(range(10))] * 100, n_courses=10, ordered=False)
    kept = hold_out_newest(data, learners=100, rng=rng())
    assert len(np.unique(kept.targets)) > 5
    assert all(
        target not in history.courses
        for history, target in zip(kept.histories, kept.targets.tolist(), strict=True)
    )
    assert len(kept.train.courses) == 900
