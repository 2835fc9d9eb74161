"""Can experiments ask the log of decisions what was served to whom?"""

from datetime import datetime, timedelta

import pytest

from experiments import served
from personalize import api
from personalize.decision.served import against_will, model_ages
from personalize.models import ModelVersion
from tests.factories import moment
from tests.personalize.shop import Shop, learner

HOUR = timedelta(hours=1)


def model_version(version: str, *, trained_at: datetime) -> None:
    row = ModelVersion(version=version, state="retired", trained_at=trained_at, card={})
    row.save(force_insert=True)


def test_the_log_answers_what_experiments_ask() -> None:
    assert served.reader().against_will is against_will
    assert served.reader().model_ages is model_ages


def test_lists_of_ones_own_are_counted_in_the_time_asked_for(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    other = learner("ben", enrolled=trained.field("Data")[:5])
    at = api.recommend(learner_id, now=moment()).served_at
    assert against_will([(learner_id, at - HOUR, at + HOUR)]) == 1
    assert against_will([(learner_id, at + HOUR, at + 2 * HOUR), (other, at, at + HOUR)]) == 0
    assert against_will([]) == 0


def test_a_list_that_is_nobodys_own_is_not_counted(trained: Shop) -> None:
    learner_id = learner("cold")
    at = api.recommend(learner_id, now=moment()).served_at
    assert against_will([(learner_id, at - HOUR, at + HOUR)]) == 0


def test_the_age_of_a_model_is_told_a_learner(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    answers = [api.recommend(learner_id, now=moment()) for _ in range(2)]
    at = answers[0].served_at
    model_version(str(answers[0].model), trained_at=at - 5 * HOUR)
    (hours,) = model_ages([learner_id], at - HOUR, at + HOUR)
    assert hours == pytest.approx(5, abs=0.01)
    assert model_ages([learner_id], at + HOUR, at + 2 * HOUR) == []
