"""A course that shall not count stops counting with the very next list, and its progress stays."""

import pytest
from django.test import Client

from personalize import api
from personalize.data import Source
from personalize.decision import standing, unused
from signals import api as signals
from signals.data import SYSTEM
from tests.factories import ada, moment
from tests.personalize.shop import Shop, learner

pytestmark = pytest.mark.django_db


def test_no_reason_names_a_course_that_does_not_count(trained: Shop) -> None:
    mine = trained.field("Data")[:5]
    learner_id = learner("ada", enrolled=mine)
    before = api.recommend(learner_id, now=moment())
    cited = {
        reason.course_id for item in before.items for reason in item.reasons if reason.course_id
    }
    assert cited

    for course_id in cited:
        unused.take_out(learner_id, course_id, now=moment())
    after = api.recommend(learner_id, now=moment())

    assert not cited & {
        reason.course_id for item in after.items for reason in item.reasons if reason.course_id
    }
    assert not cited & {item.course_id for item in after.items}  # still theirs, so no new pick
    assert after.signals == before.signals - len(cited)
    unused.take_back(learner_id, min(cited))
    assert api.recommend(learner_id, now=moment()).signals == after.signals + 1


def test_where_no_course_counts_the_list_is_not_made_from_history(trained: Shop) -> None:
    mine = trained.field("Data")[:5]
    learner_id = learner("ada", enrolled=mine)
    for course in mine:
        unused.take_out(learner_id, course.course_id, now=moment())
    assert api.recommend(learner_id, now=moment()).source is not Source.MODEL


def test_the_switch_of_the_page_acts_and_leads_back(trained: Shop) -> None:
    person, course_id = ada(), trained.field("Data")[0].course_id
    browser = Client()
    browser.force_login(person.account)
    said = {"course": course_id, "counts": "0", "next": "/privacy/courses/"}
    answer = browser.post("/privacy/courses/", said)
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/courses/")
    assert standing.read(person.learner_id, now=moment()).unused == (course_id,)
    browser.post("/privacy/courses/", said | {"counts": "1"})
    assert standing.read(person.learner_id, now=moment()).unused == ()


def test_what_is_no_course_is_refused() -> None:
    person = ada()
    browser = Client()
    browser.force_login(person.account)
    assert browser.post("/privacy/courses/", {"course": 999_999, "counts": "0"}).status_code == 400
    assert browser.post("/privacy/courses/", {"course": 1, "counts": "2"}).status_code == 400


def test_a_fresh_start_counts_everything_again(trained: Shop) -> None:
    learner_id = learner("ada")
    unused.take_out(learner_id, trained.field("Data")[0].course_id, now=moment())
    signals.reset_learner(learner_id, actor=SYSTEM, now=moment())
    assert unused.of(learner_id) == frozenset()
