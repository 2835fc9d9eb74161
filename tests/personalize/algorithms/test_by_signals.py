"""Lists are better the more is known, and nothing known is popularity's own list."""

import numpy as np
import pytest

from personalize.algorithms.base import History, Interactions
from personalize.algorithms.blend import Blend
from personalize.algorithms.by_signals import BySignals, by_signals
from personalize.algorithms.evaluate import Case, evaluate
from personalize.algorithms.popularity import Popularity
from personalize.algorithms.transitions import Transitions
from tests.personalize.algorithms.worlds import checkerboard, rows


def fitted(data: Interactions, *names: str) -> Blend:
    blend = Blend(members=names, weights=dict.fromkeys(names, 0.5))
    return blend.fit(data, rng=np.random.default_rng(1))


def cases_of(data: Interactions) -> list[Case]:
    """The last course of each learner is to be found."""
    each = np.split(data.courses, data.starts()[1:-1])
    return [Case(History.of(courses[:-1]), courses[-1:]) for courses in each]


def table(names: tuple[str, ...]) -> tuple[BySignals, ...]:
    data = checkerboard(n_courses=30)
    popular = Popularity().fit(data, rng=np.random.default_rng(1))
    return by_signals(fitted(data, *names), popular, cases_of(data))


def test_the_same_learners_are_asked_with_ever_more_signals() -> None:
    found = table(("item_knn", "popularity"))
    assert [(row.least, row.most) for row in found] == [(0, 0), (1, 2), (3, 5), (6, None)]
    assert {row.learners for row in found} == {80}
    assert len({row.popular_ndcg for row in found}) == 1


def test_who_tells_nothing_gets_what_popularity_gives() -> None:
    nothing, *more = table(("item_knn", "popularity"))
    assert nothing.ndcg == pytest.approx(nothing.popular_ndcg)
    assert nothing.error == 0.0
    assert all(row.ndcg > row.popular_ndcg + 0.1 for row in more)


def test_with_all_signals_it_is_the_figure_of_the_evaluation() -> None:
    data = checkerboard(n_courses=30)
    popular = Popularity().fit(data, rng=np.random.default_rng(1))
    model, cases = Transitions().fit(data, rng=np.random.default_rng(1)), cases_of(data)
    found = by_signals(model, popular, cases)[-1]
    assert found.ndcg == pytest.approx(evaluate(model, cases)["ndcg@10"])
    assert found.popular_ndcg == pytest.approx(evaluate(popular, cases)["ndcg@10"])


def test_a_model_that_is_clearly_below_popularity_is_said_to_be() -> None:
    """Everybody takes course 0 in the end, which the model never saw and puts last."""
    before = [[1 + (first + step) % 12 for step in range(6)] for first in range(30)]
    popular = Popularity().fit(
        rows([[*taken, 0] for taken in before], n_courses=13), rng=np.random.default_rng(1)
    )
    blind = Popularity().fit(rows(before, n_courses=13), rng=np.random.default_rng(1))
    cases = [Case(History.of(taken), np.array([0], np.int32)) for taken in before]
    same, other = by_signals(popular, popular, cases), by_signals(blind, popular, cases)
    assert not any(row.is_below_popularity for row in same)
    assert all(row.is_below_popularity for row in other)


def test_without_a_learner_of_six_courses_there_is_no_table() -> None:
    data = checkerboard(n_courses=30)
    popular = Popularity().fit(data, rng=np.random.default_rng(1))
    short = [Case(History.of([1, 3, 5, 7, 9]), np.array([11], np.int32))]
    assert by_signals(popular, popular, short) == ()
