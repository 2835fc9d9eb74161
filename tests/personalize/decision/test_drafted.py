"""Two rankers in one list: what learners get, what the log keeps, and which one is preferred."""

from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from experiments import lifecycle
from experiments.api import readout, roll_back_harm, take_due_looks
from experiments.data import Drafted, Team
from experiments.metrics import LESSONS_PREFERRED
from experiments.models import Experiment
from experiments.preferences import HORIZON, Votes, count_votes
from experiments.running import forget_caches
from experiments.stats import interleaving
from personalize.decision.served import teams as teams_of
from signals import api as signals
from signals.data import Answered, Purpose
from tests.experiments.world import ROOT, UMA
from tests.factories import consents, moment, new_key, some_uuid
from tests.personalize.decision.duel import (
    KEY,
    answering,
    ask,
    at_look,
    courses,
    drafting,
    logged,
    of,
    teams,
)
from tests.personalize.shop import Shop, learner


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for recommendations."""
    return new_key("lms", "recommend")


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
    assert "Popular is better than model" in taken.sentence
    lessons, clicks = shown.effects
    assert (lessons.reading, clicks.reading) == ("better", "better")
    assert (lessons.variant_mean, lessons.n_variant) == (1.0, 10)
    assert lessons.track == "progression"


def test_nothing_is_found_where_learners_like_both_alike(trained: Shop) -> None:
    drafting()
    either = (Team.CONTROL, Team.VARIANT)
    answering(trained, 12, lambda number, answer: of(answer, either[number // 4 % 2])[:1])
    take_due_looks(now=at_look())
    shown = readout(KEY, now=at_look())
    assert {effect.reading for effect in shown.effects} == {"not clear"}
    assert shown.advice == "extend"


def served(shop: Shop, name: str = "ada") -> Any:
    learner(name, enrolled=shop.field("Data")[:4])
    return ask(name, new_key("lms", "recommend"))


def credited(answer: Any, course: str, *, at: datetime, request: str | None = None) -> Team:
    """Return whose a completed lesson, or a click on a list, is."""
    row = logged(answer)
    course_id = row.course_ids[courses(answer).index(course)]
    led = UUID(request) if request else None
    told = Answered(row.learner_id or 0, course_id, at, led)
    (team,) = teams_of(row.drafted_for or 0, [told], HORIZON)
    return Team(team)


def test_a_lesson_is_of_whoever_put_its_course_on_the_list_before(trained: Shop) -> None:
    drafting()
    answer = served(trained)
    new, at = of(answer, Team.VARIANT)[0], logged(answer).served_at
    assert credited(answer, new, at=at + timedelta(minutes=5)) is Team.VARIANT
    assert credited(answer, new, at=at - timedelta(minutes=5)) is Team.BOTH
    assert credited(answer, new, at=at + timedelta(days=13)) is Team.VARIANT
    assert credited(answer, new, at=at + timedelta(days=15)) is Team.BOTH


def test_a_click_is_of_the_list_that_was_clicked_and_of_no_other(trained: Shop) -> None:
    drafting()
    answer = served(trained)
    usual, at = of(answer, Team.CONTROL)[0], logged(answer).served_at
    assert credited(answer, usual, at=at, request=answer["request_id"]) is Team.CONTROL
    assert credited(answer, usual, at=at, request=str(some_uuid())) is Team.BOTH


def test_whoever_objects_takes_their_vote_with_them(trained: Shop) -> None:
    drafting()
    answering(trained, 3, lambda _, answer: of(answer, Team.VARIANT)[:1])
    experiment = Experiment.objects.get(key=KEY)
    assert count_votes(experiment, as_of=at_look())[LESSONS_PREFERRED] == Votes(wins=3)
    objecting = signals.find_learner("learner-1")
    assert objecting is not None
    consents(objecting, Purpose.PERSONALIZATION, granted=False)
    assert count_votes(experiment, as_of=at_look())[LESSONS_PREFERRED] == Votes(wins=2)


def test_harm_is_stopped_before_the_first_look(trained: Shop) -> None:
    drafting()
    answering(trained, 18, lambda _, answer: of(answer, Team.CONTROL)[:1])
    (stopped,) = roll_back_harm(now=moment(seconds=-5))
    assert stopped.metric == LESSONS_PREFERRED
    assert "20 learners have more from model and fewer than 10 from popular" in stopped.reason
    forget_caches()
    assert logged(served(trained)).teams is None


def test_what_was_shipped_orders_everybodys_list(trained: Shop) -> None:
    usual = courses(served(trained))
    drafting()
    answering(trained, 11, lambda _, answer: of(answer, Team.VARIANT)[:1])
    take_due_looks(now=at_look())
    lifecycle.stop(UMA, key=KEY, reason="seen enough", now=at_look())
    lifecycle.decide(ROOT, key=KEY, verdict="ship", reason="learners learn more", now=at_look())
    forget_caches()
    answer = ask("ada", new_key("lms", "recommend"))
    assert courses(answer) != usual
    assert not any(
        reason["kind"] == "course" for item in answer["items"] for reason in item["reasons"]
    )
    assert readout(KEY, now=at_look()).rereads == ()


def test_a_coin_that_falls_on_one_side_lets_nothing_be_read(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interleaving, "draft", partial(one_sided, interleaving.draft))
    drafting()
    answering(trained, 14, lambda _, answer: of(answer, Team.VARIANT)[:1])
    take_due_looks(now=at_look())
    shown = readout(KEY, now=at_look())
    assert (shown.trustworthy, shown.effects) == (False, ())
    assert "first pick" in shown.sentence


def one_sided(in_turns: Any, *lists: Any, k: int, rng: Any) -> Drafted:
    """Draft with a coin that always falls on the side of the variant."""
    coin = SimpleNamespace(integers=lambda _: 1)
    drafted: Drafted = in_turns(*lists, k=k, rng=coin)
    return drafted
