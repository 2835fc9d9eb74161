"""Does the log say what learners were told to be likely, and what came of it?"""

import pytest

from experiments import served
from personalize import api
from personalize.data import Confidence
from personalize.decision.confidence import stored
from personalize.decision.promises import promises
from personalize.models import Decision
from signals import api as signals
from signals.data import NewEvent, Purpose
from tests.factories import consents, moment
from tests.personalize.shop import Shop, learner
from tests.signals.derive.happened import store

SINCE, UNTIL = moment(hours=20), moment(hours=4)


def told(learner_id: int, *chances: float | None, hours: float = 10) -> tuple[int, ...]:
    """Show a learner a list so long ago whose items say so; return its courses."""
    answer = api.recommend(learner_id, k=len(chances), now=moment(hours=hours))
    codes = [stored(Confidence.FAIR, chance) for chance in chances]
    Decision.objects.filter(request_id=answer.request_id).update(confidences=codes)
    return tuple(item.course_id for item in answer.items)


def does(learner_id: int, kind: str, course_id: int, *, hours: float) -> None:
    at = moment(hours=hours)
    store([NewEvent(kind, learner_id, at, course_id=course_id)], now=at)


def test_experiments_can_ask_for_it() -> None:
    assert served.reader().promises is promises


def test_means_are_over_the_items_that_said_anything(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:5])
    first, second, *_ = told(ada, 0.3, 0.1, 0.2, None)
    does(ada, "course.viewed", first, hours=8)
    does(ada, "course.viewed", first, hours=7)  # once is enough
    does(ada, "course.enrolled", second, hours=6)
    (found,) = promises([ada], SINCE, UNTIL)
    assert found.learner_id == ada
    assert found.said == pytest.approx(0.2)
    assert found.came == pytest.approx(2 / 3)


def test_what_was_opened_before_the_list_or_by_others_made_nothing_come_true(
    trained: Shop,
) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:5])
    ben = learner("ben", enrolled=trained.field("Data")[:5])
    (course, *_) = told(ada, 0.3, 0.1)
    does(ada, "course.viewed", course, hours=11)
    does(ben, "course.viewed", course, hours=8)
    (found,) = promises([ada, ben], SINCE, UNTIL)
    assert (found.learner_id, found.came) == (ada, 0.0)


def test_lists_of_another_time_and_without_a_probability_count_for_nothing(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:5])
    told(ada, 0.3, 0.1, hours=2)
    told(ada, None, None)
    assert promises([ada], SINCE, UNTIL) == []


def test_who_objected_since_is_not_counted(trained: Shop) -> None:
    ada = learner("ada", enrolled=trained.field("Data")[:5])
    told(ada, 0.3, 0.1)
    consents(ada, Purpose.PERSONALIZATION, granted=False)
    assert not signals.allowed(ada).personalization
    assert promises([ada], SINCE, UNTIL) == []
