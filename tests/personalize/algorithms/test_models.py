"""What each algorithm promises beyond the contract, against brute force."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from personalize.algorithms.als import GRID, Als
from personalize.algorithms.base import History, MemoryBoundError
from personalize.algorithms.blend import Blend
from personalize.algorithms.ease import Ease
from personalize.algorithms.item_knn import ItemKnn
from personalize.algorithms.popularity import Popularity
from personalize.algorithms.transitions import Transitions
from tests.personalize.algorithms.worlds import (
    checkerboard,
    pairs_in_order,
    ring,
    rows,
    some_histories,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_popularity_ranks_by_how_many_took_a_course() -> None:
    model = Popularity().fit(rows([[0, 1], [1, 2], [1, 2], [2, 1]], n_courses=4), rng=rng())
    assert np.argsort(-model.score(History.of([]))).tolist() == [1, 2, 0, 3]
    assert model.score(History.of([]))[3] == 0


def test_what_was_popular_long_ago_counts_less_where_times_are_a_clock() -> None:
    """Course 0 was taken by six learners two years ago, course 1 by three of late."""
    data = rows([[2, 0]] * 6 + [[2, 1]] * 3, n_courses=3)
    ages = np.repeat([730.0, 10.0], [12, 6])
    dated = replace(data, times=1_000.0 - ages + data.times)
    ever = Popularity().fit(data, rng=rng()).score(History.of([]))
    of_late = Popularity().fit(dated, rng=rng()).score(History.of([]))
    assert ever[0] > ever[1]
    assert of_late[1] > of_late[0]


def test_transitions_know_the_direction_that_neighbours_do_not() -> None:
    model = Transitions(backward=0.0).fit(ring(), rng=rng())
    after_five = model.score(History.of([5]))
    assert np.argmax(after_five) == 6
    assert after_five[4] < after_five[6] / 2


def test_the_newest_course_speaks_loudest() -> None:
    model = Transitions().fit(ring(), rng=rng())
    assert np.argmax(model.score(History.of([1, 7]))) == 8
    assert np.argmax(model.score(History.of([7, 1]))) == 2


def test_without_times_the_order_of_a_file_means_nothing() -> None:
    data = checkerboard(ordered=False)
    model = ItemKnn().fit(data, rng=rng())
    assert_allclose(
        model.score(History.of([1, 3, 5])), model.score(History.of([5, 1, 3])), atol=1e-7
    )


def test_item_knn_is_the_damped_cosine() -> None:
    data = checkerboard()
    taken = np.zeros((80, 20))
    taken[data.learners, data.courses] = 1
    damped = taken / np.sqrt(taken.sum(axis=1, keepdims=True))
    together = taken.T @ damped
    norms = np.sqrt(np.diag(together) + 1.0)
    expected = together / np.outer(norms, norms)
    np.fill_diagonal(expected, 0)
    model = ItemKnn(rarity=0.0, power=1.0, lean=0.0).fit(data, rng=rng())
    assert_allclose(model.score(History.of([4])), expected[4], atol=1e-6)


def test_ease_is_the_closed_form() -> None:
    data = checkerboard()
    taken = np.zeros((80, 20))
    taken[data.learners, data.courses] = 1
    gram = taken.T @ taken
    inverse = np.linalg.inv(gram + 0.5 * np.diag(gram).mean() * np.eye(20))
    expected = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(expected, 0)
    model = Ease(regularization=0.5, damping=0.0, power=1.0, lean=0.0).fit(data, rng=rng())
    assert_allclose(model.score(History.of([4])), np.maximum(expected[4], 0), atol=1e-6)


def test_only_the_strongest_neighbours_are_kept() -> None:
    everything = ItemKnn().fit(checkerboard(), rng=rng()).score(History.of([4]))
    few = ItemKnn(neighbours=3).fit(checkerboard(), rng=rng()).score(History.of([4]))
    assert np.count_nonzero(few) == 3
    assert_allclose(np.sort(few)[-3:], np.sort(everything)[-3:], atol=1e-7)


def test_ease_refuses_a_catalogue_beyond_its_memory_and_says_how_much_it_needs() -> None:
    with pytest.raises(MemoryBoundError, match=r"needs about 2,400 MB .* 20,000 x 20,000"):
        Ease().fit(rows([[0, 1], [1, 2]], n_courses=20_000), rng=rng())


@pytest.mark.parametrize("history", some_histories()[1:5])
def test_als_folds_in_like_the_full_solve(history: History) -> None:
    model = Als(factors=6, regularization=2.0, alpha=10.0, threads=1).fit(checkerboard(), rng=rng())
    factors = model.factors_.astype(np.float64)
    ages = np.arange(len(history.courses))[::-1]
    confidence = 10.0 * history.weights * 0.5 ** (ages / 4.0)
    past = factors[history.courses]
    system = factors.T @ factors + 2.0 * np.eye(6) + past.T @ (confidence[:, None] * past)
    expected = factors @ np.linalg.solve(system, past.T @ confidence)
    assert_allclose(model.score(history), expected, atol=1e-5)


def test_als_searches_its_configuration_and_a_refit_does_not_search_again() -> None:
    model = Als(iterations=2, threads=1).fit(checkerboard(), rng=rng())
    assert model.configuration_ in GRID
    again = Als(**model.refit_params())
    assert (again.factors, again.regularization, again.alpha) == model.configuration_


def test_the_blend_prefers_the_member_that_knows_the_order() -> None:
    blend = Blend(members=("transitions", "item_knn", "popularity"))
    blend.fit(pairs_in_order(), rng=rng())
    assert blend.weights_["transitions"] == max(blend.weights_.values())


def test_the_blend_of_an_empty_history_is_popularity() -> None:
    data = rows([[0, 1, 2], [1, 2, 3], [1, 3, 4], [2, 1, 5]] * 5, n_courses=6)
    blend = Blend(members=("transitions", "popularity")).fit(data, rng=rng())
    popularity = Popularity().fit(data, rng=rng()).score(History.of([]))
    assert np.argsort(-blend.score(History.of([])), kind="stable").tolist() == (
        np.argsort(-popularity, kind="stable").tolist()
    )


def test_the_blend_leaves_out_a_member_beyond_its_memory_and_says_so() -> None:
    params = {"ease": {"max_memory_mb": 0}}
    blend = Blend(members=("transitions", "ease", "popularity"), member_params=params)
    blend.fit(ring(), rng=rng())
    assert "ease" not in blend.weights_
    assert "needs about" in blend.skipped_["ease"]


def test_the_blend_serves_members_that_were_fitted_before() -> None:
    ready = Transitions(window=3).fit(ring(), rng=rng())
    blend = Blend(members=("transitions", "popularity"))
    blend.fit(ring(), rng=rng(), fitted={"transitions": ready})
    assert blend.members_["transitions"] is ready


def test_what_was_scored_is_explained_without_scoring_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blend = Blend(members=("transitions", "popularity"), weights={"transitions": 1.0})
    blend.fit(ring(), rng=rng())
    history, courses = History.of([1, 2, 5]), np.array([6, 9], dtype=np.int32)
    scores, parts_of = blend.score_with_parts(history)
    monkeypatch.setattr(Transitions, "score", None)
    base, parts = parts_of(courses)
    assert_allclose(base + parts.sum(axis=0), scores[courses], atol=1e-6)


def test_where_mixing_finds_no_more_the_blend_is_item_knn_itself() -> None:
    noise = np.random.default_rng(2).permuted(np.tile(np.arange(40), (60, 1)), axis=1)[:, :5]
    data = rows(noise.tolist(), n_courses=40)
    blend = Blend(members=("transitions", "item_knn", "popularity")).fit(data, rng=rng())
    assert blend.weights_["item_knn"] == 1.0
    alone = ItemKnn().fit(data, rng=rng()).score(History.of([4, 7]))
    assert np.argsort(-blend.score(History.of([4, 7])))[:10].tolist() == (
        np.argsort(-alone)[:10].tolist()
    )
