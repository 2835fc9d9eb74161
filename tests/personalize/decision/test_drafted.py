"""Two rankers in one list: what learners get, what the log keeps, and which one is preferred."""

from typing import Any

import pytest

from experiments.api import readout, take_due_looks
from experiments.data import Team
from tests.factories import new_key
from tests.personalize.decision.duel import KEY, answering, ask, at_look, drafting, logged, teams
from tests.personalize.shop import Shop, learner


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for recommendations."""
    return new_key("lms", "recommend")


def courses(answer: Any) -> list[str]:
    return [item["course"] for item in answer["items"]]


def of(answer: Any, team: Team) -> list[str]:
    return [name for name, one in zip(courses(answer), teams(answer), strict=True) if one is team]


def test_a_list_is_drafted_from_both_and_the_log_says_whose_each_item_is(
    trained: Shop, key: str
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    alone = courses(ask("ada", key))
    drafting()
    answer = ask("ada", key)
    assert answer["source"] == "model"
    assert len(set(courses(answer))) == 8
    by_model, by_popularity = of(answer, Team.CONTROL), of(answer, Team.VARIANT)
    assert abs(len(by_model) - len(by_popularity)) <= 1
    assert by_model == [name for name in alone if name in by_model]
    assert logged(answer).drafted_for is not None


def test_the_same_day_brings_the_same_list_again(trained: Shop, key: str) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    drafting()
    once, again = ask("ada", key), ask("ada", key)
    assert courses(once) == courses(again)
    assert teams(once) == teams(again)


def test_what_learners_learn_more_from_is_found(trained: Shop) -> None:
    drafting()
    answering(trained, 12, lambda _, answer: of(answer, Team.VARIANT)[:2])
    (taken,) = take_due_looks(now=at_look())
    shown = readout(KEY, now=at_look())
    lessons, clicks = shown.effects
    assert (lessons.reading, clicks.reading) == ("better", "better")
    assert (lessons.variant_mean, lessons.n_variant) == (1.0, 10)
    assert lessons.track == "progression"
    assert "Popular is better than model" in taken.sentence


def test_nothing_is_found_where_learners_like_both_alike(trained: Shop) -> None:
    drafting()
    either = (Team.CONTROL, Team.VARIANT)
    answering(trained, 12, lambda number, answer: of(answer, either[number // 4 % 2])[:1])
    take_due_looks(now=at_look())
    shown = readout(KEY, now=at_look())
    assert {effect.reading for effect in shown.effects} == {"not clear"}
    assert shown.advice == "extend"
