"""What would be shown to held-out learners is what sorting the scores gives, one by one."""

import numpy as np

from personalize.algorithms.base import History
from personalize.algorithms.evaluate import Case, evaluate
from personalize.algorithms.item_knn import ItemKnn
from personalize.algorithms.looked import DEPTH, look
from personalize.algorithms.popularity import Popularity
from tests.personalize.algorithms.worlds import checkerboard

DATA = checkerboard(n_courses=30)


def cases() -> list[Case]:
    each = np.split(DATA.courses, DATA.starts()[1:-1])
    return [Case(History.of(courses[:-1]), courses[-1:]) for courses in each]


def test_ten_courses_best_first_and_none_that_was_taken() -> None:
    model = ItemKnn().fit(DATA, rng=np.random.default_rng(1))
    found = look(model, cases())
    for case, shown in zip(cases(), found.courses, strict=True):
        scores = model.score(case.history)
        assert not set(shown.tolist()) & set(case.history.courses.tolist())
        assert np.all(np.diff(scores[shown[shown >= 0]]) <= 0)
        others = np.setdiff1d(np.arange(30), [*case.history.courses, *shown])
        assert scores[others].max() <= scores[shown[-1]]


def test_what_they_find_is_the_figure_of_the_evaluation() -> None:
    for model in (Popularity(), ItemKnn()):
        fitted = model.fit(DATA, rng=np.random.default_rng(1))
        found, told = look(fitted, cases()), evaluate(fitted, cases())
        assert np.isclose(found.found.mean(), told["recall@10"])
        assert np.isclose(found.gains.mean(), told["ndcg@10"])


def test_a_short_catalogue_leaves_places_empty() -> None:
    small = checkerboard(n_courses=8)
    each = np.split(small.courses, small.starts()[1:-1])
    some = [Case(History.of(courses[:-1]), courses[-1:]) for courses in each]
    found = look(Popularity().fit(small, rng=np.random.default_rng(1)), some)
    assert found.courses.shape == (len(some), DEPTH)
    assert (found.courses[:, 8:] == -1).all()
    assert set(found.shown.tolist()) <= set(range(8))
