"""Every registered recommender keeps the one contract; a new registry line joins by itself."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from personalize.algorithms.base import History, Recommender
from personalize.algorithms.registry import ALGORITHMS, algorithm, create
from tests.personalize.algorithms.worlds import checkerboard, some_histories

NAMES = sorted(ALGORITHMS)
PERSONAL = [name for name in NAMES if name != "popularity"]
QUICK: dict[str, dict[str, Any]] = {
    "als": {"factors": 3, "regularization": 1.0, "alpha": 20.0, "threads": 1},
    "blend": {
        "member_params": {"als": {"factors": 3, "regularization": 1.0, "alpha": 20.0, "threads": 1}}
    },
}


def fitted(name: str, *, ordered: bool = True) -> Recommender:
    rng = np.random.default_rng(1)
    return create(name, QUICK.get(name)).fit(checkerboard(ordered=ordered), rng=rng)


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> Recommender:
    return fitted(request.param)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("name", PERSONAL)
def test_the_planted_checkerboard_is_recovered(name: str, ordered: bool) -> None:
    model = fitted(name, ordered=ordered)
    for history in (History.of([0, 2, 4, 6]), History.of([1, 3, 5, 7])):
        unseen = np.setdiff1d(np.arange(20), history.courses)
        best = unseen[np.argsort(-model.score(history)[unseen])[:6]]
        assert_array_equal(best % 2, np.full(6, history.courses[0] % 2))


@pytest.mark.parametrize("history", some_histories())
def test_base_and_parts_sum_to_the_score(model: Recommender, history: History) -> None:
    courses = np.array([7, 0, 19, 4, 4], dtype=np.int32)
    base, parts = model.contributions(history, courses)
    assert base.shape == (5,)
    assert parts.shape == (len(history.courses), 5)
    assert_allclose(base + parts.sum(axis=0), model.score(history)[courses], rtol=0, atol=1e-6)


def test_scoring_in_a_batch_is_scoring_one_by_one(model: Recommender) -> None:
    histories = some_histories()
    one_by_one = np.stack([model.score(history) for history in histories])
    assert_allclose(model.score_many(histories), one_by_one, rtol=1e-5, atol=1e-6)
    assert model.score_many([]).shape == (0, 20)


@pytest.mark.parametrize("history", some_histories())
def test_scores_are_float32_and_never_nan(model: Recommender, history: History) -> None:
    scores = model.score(history)
    assert scores.shape == (20,)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_courses_the_model_does_not_know_count_for_nothing(model: Recommender) -> None:
    with_strangers = History.of([-1, 4, 20, 8, 10_000])
    assert_allclose(model.score(with_strangers), model.score(History.of([4, 8])), atol=1e-7)
    _, parts = model.contributions(with_strangers, np.arange(20, dtype=np.int32))
    assert not parts[[0, 2, 4]].any()


def test_a_model_comes_back_from_its_arrays(model: Recommender) -> None:
    arrays = {key: array.copy() for key, array in model.arrays().items()}
    for array in arrays.values():
        assert array.dtype.kind in "fiu"
        array.flags.writeable = False
    again = type(model).from_arrays(arrays, model.params())
    courses = np.arange(20, dtype=np.int32)
    for history in some_histories():
        assert_array_equal(again.score(history), model.score(history))
        assert_array_equal(
            again.contributions(history, courses)[1], model.contributions(history, courses)[1]
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    first, second = fitted(name), fitted(name)
    for history in some_histories():
        assert_array_equal(first.score(history), second.score(history))


@pytest.mark.parametrize("name", PERSONAL)
def test_a_heavier_past_course_has_a_larger_part(name: str) -> None:
    model = fitted(name)
    light = History(np.array([0, 2, 4], np.int32), np.array([1, 1, 1], np.float32))
    heavy = History(np.array([0, 2, 4], np.int32), np.array([1, 5, 1], np.float32))
    target = np.array([8], dtype=np.int32)

    def share(history: History) -> float:
        _, parts = model.contributions(history, target)
        return float(parts[1, 0] / parts.sum())

    assert share(heavy) > share(light)


def test_params_build_the_same_model_again(model: Recommender) -> None:
    assert type(model)(**model.params()).params() == model.params()
    assert type(model)(**model.refit_params()).params() == model.refit_params()


def test_an_unknown_algorithm_is_refused_with_the_known_names() -> None:
    with pytest.raises(LookupError, match="choose from popularity, item_knn"):
        algorithm("magic")


def test_one_registry_line_adds_an_algorithm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ALGORITHMS, "newest", "tests.personalize.algorithms.newest.Newest")
    blend = create("blend", {"members": ["newest", "popularity"]})
    blend.fit(checkerboard(), rng=np.random.default_rng(0))
    assert algorithm("newest").name == "newest"
    assert "newest" in dict(blend.__dict__)["members_"]
