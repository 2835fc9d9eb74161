"""Candidate against champion, on choices that neither has seen, checked by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from personalize.algorithms.base import (
    Arrays,
    FloatArray,
    History,
    IndexArray,
    Interactions,
    Recommender,
)
from personalize.engine.duel import Abroad, fight

COURSES = 40


class Successor(Recommender):
    """Knows that course c is followed by c + 1, as long as it is no further than `until`."""

    name: ClassVar[str] = "successor"

    def __init__(self, *, until: int, n_courses: int = COURSES) -> None:
        self.until = until
        self.n_courses_ = n_courses

    def fit(self, data: Interactions, *, rng: np.random.Generator) -> Self:
        return self

    def score(self, history: History) -> FloatArray:
        scores = np.zeros(self.n_courses_, np.float32)
        after = int(history.courses[-1]) + 1
        scores[after if after <= self.until else self.n_courses_ - 1] = 1
        return scores

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        raise NotImplementedError

    def arrays(self) -> Arrays:
        raise NotImplementedError

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        raise NotImplementedError


def walks(learners: int, steps: int = 3) -> Interactions:
    """Return learners who take course l, l + 1, l + 2 ... on day 0, 1, 2 ..."""
    who, step = np.divmod(np.arange(learners * steps), steps)
    return Interactions(
        learners=who.astype(np.int32),
        courses=(who + step).astype(np.int32),
        times=step.astype(np.float64),
        weights=np.ones(learners * steps, np.float32),
        n_learners=learners,
        n_courses=COURSES,
    )


SAME = np.arange(COURSES, dtype=np.int32)
RNG = np.random.default_rng(7)


def test_the_better_model_wins_by_what_it_finds_more() -> None:
    # Targets are l + 2: the champion finds those of learners 0 to 9, the candidate all 20.
    champion = Abroad(Successor(until=11), SAME)
    found = fight(Successor(until=COURSES), champion, walks(20), after=1.5, rng=RNG)
    assert found is not None
    assert found.learners == 20
    assert found.difference == pytest.approx(0.5)
    assert found.error == pytest.approx(0.5 / np.sqrt(20))


def test_equal_models_draw() -> None:
    same = Successor(until=COURSES)
    found = fight(same, Abroad(same, SAME), walks(20), after=1.5, rng=RNG)
    assert found is not None
    assert (found.difference, found.error) == (0.0, 0.0)


def test_a_champion_that_lacks_courses_ranks_them_last() -> None:
    # The champion numbers its 30 courses backwards and lacks the last ten.
    own = np.where(SAME < 30, 29 - SAME, -1).astype(np.int32)
    backwards = Backwards(until=30, n_courses=30)
    found = fight(Successor(until=COURSES), Abroad(backwards, own), walks(36), after=1.5, rng=RNG)
    assert found is not None
    # It finds the targets 2 to 29 of learners 0 to 27, and none of the other eight.
    assert found.difference == pytest.approx(8 / 36)


class Backwards(Successor):
    """The same model with courses numbered from the end."""

    def score(self, history: History) -> FloatArray:
        scores = np.zeros(self.n_courses_, np.float32)
        scores[max(int(history.courses[-1]) - 1, 0)] = 1
        return scores


def test_only_choices_after_both_were_trained_count() -> None:
    same = Successor(until=COURSES)
    assert fight(same, Abroad(same, SAME), walks(20), after=2.0, rng=RNG) is None


def test_learners_without_an_earlier_choice_do_not_count() -> None:
    same = Successor(until=COURSES)
    assert fight(same, Abroad(same, SAME), walks(20), after=-1.0, rng=RNG) is None


def test_a_course_that_was_only_looked_at_decides_nothing() -> None:
    same, world = Successor(until=COURSES), walks(20)
    views = replace(world, weights=np.where(world.times > 1.5, 0.2, 1.0).astype(np.float32))
    assert fight(same, Abroad(same, SAME), views, after=1.5, rng=RNG) is None
