"""Is it known, told and kept how old the newest thing is that a list was made of?"""

from dataclasses import asdict

import pytest
from django.test import Client

from personalize import api as personalize
from personalize.decision import log, staleness
from signals.data import CourseInfo
from tests.factories import Person, moment
from tests.factories import ada as the_person_ada
from tests.personalize.shop import Shop, learner, touch


def active(name: str, courses: tuple[CourseInfo, ...], *, days: float) -> int:
    """Make a learner whose newest course was touched so many days ago, an older one long before."""
    learner_id = learner(name)
    touch(learner_id, courses[0], enrolled_at=moment(days=days + 300))
    touch(learner_id, courses[1], enrolled_at=moment(days=days))
    return learner_id


def test_list_and_stored_explanation_tell_the_same_age(trained: Shop) -> None:
    learner_id = active("ada", trained.field("Data"), days=12)
    found = personalize.recommend(learner_id, now=moment())
    log.flush()
    told = personalize.explain(found.request_id, found.items[0].course_id, learner_id=learner_id)
    assert told is not None
    assert found.newest_days == pytest.approx(12, abs=0.01)
    assert told.newest_days == pytest.approx(12, abs=0.01)


def test_a_list_of_no_history_has_no_age(trained: Shop) -> None:
    found = personalize.recommend(learner("new"), now=moment())
    assert found.newest_days is None


def test_the_panel_says_how_old_the_newest_course_is(client: Client, trained: Shop) -> None:
    ada: Person = the_person_ada()
    for number, course in enumerate(trained.field("Data")[:3], start=1):
        touch(ada.learner_id, course, enrolled_at=moment(days=100 * number))
    client.force_login(ada.account)
    page = client.get("/home/").content.decode()
    assert "based on 3 courses of yours, the newest from 3 months ago; so long ago" in page


def test_the_ages_behind_lists_of_some_days_are_those_of_their_learners(trained: Shop) -> None:
    for number in range(1, 21):
        learner_id = active(f"l-{number}", trained.field("Data"), days=number * 10)
        personalize.recommend(learner_id, now=moment())
    log.flush()

    found = staleness.ages(since=moment(days=1), until=moment(days=-1))

    assert found is not None
    assert asdict(found) == {"lists": 20, "median": 105.0, "old": 181.0, "faded": 0.5}


def test_of_few_learners_no_age_is_told(trained: Shop) -> None:
    for number in range(9):
        learner_id = active(f"l-{number}", trained.field("Data"), days=3)
        personalize.recommend(learner_id, now=moment())
    log.flush()
    assert staleness.ages(since=moment(days=1), until=moment(days=-1)) is None
