"""Staff who must account for a list: find it, see what it was made from, and make it again."""

from uuid import UUID

import pytest
from django.test import Client

from personalize import api
from personalize.data import Recommendation
from personalize.models import Decision
from tests.factories import moment, pia, root
from tests.personalize.shop import Shop, learner, says, states

FIND = "/tower/lists/"


@pytest.fixture
def answer(trained: Shop, monkeypatch: pytest.MonkeyPatch) -> Recommendation:
    """Return a list in which one course was tried out."""
    monkeypatch.setattr("personalize.decision.exploring.SHARE", 1.0)
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    states(learner_id, goal="Data", interests=["Web skill 1"])
    says(learner_id, trained.field("Web")[3], "not_for_me")
    return api.recommend(learner_id, now=moment())


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    """Return an administrator's browser."""
    client.force_login(root().account)
    return client


def test_a_list_is_found_by_its_number(admin: Client, answer: Recommendation) -> None:
    found = admin.get(FIND, {"id": str(answer.request_id)})

    assert (found.status_code, found["Location"]) == (302, f"{FIND}{answer.request_id}/")


@pytest.mark.parametrize("wanted", ["no number", str(UUID(int=7))])
def test_where_there_is_no_such_list_it_is_said(admin: Client, wanted: str) -> None:
    text = admin.get(FIND, {"id": wanted}).content.decode()

    assert "There is no list of that number." in text
    assert wanted in text


def test_a_trace_shows_what_a_list_was_made_from_and_that_it_comes_out_again(
    client: Client, answer: Recommendation, trained: Shop
) -> None:
    client.force_login(pia().account)

    text = client.get(f"{FIND}{answer.request_id}/").content.decode()

    assert "Made once more, it is the same" in text
    assert all(trained.by_id(item.course_id).title in text for item in answer.items)
    assert "enrolled, 4 days before" in text
    assert "Web skill 1" in text
    assert f"Not for me</dt><dd>{trained.field('Web')[3].title}" in text
    pool = round(1 / next(item.propensity for item in answer.items if item.slot == "explore"))
    assert f"Tried out, 1 in {pool}" in text
    assert f"Tried out from {pool} courses, each as likely" in text
    assert str(answer.learner_id) not in text


def test_where_something_else_comes_out_it_is_said(admin: Client, answer: Recommendation) -> None:
    Decision.objects.filter(request_id=answer.request_id).update(propensity=0.5)

    text = admin.get(f"{FIND}{answer.request_id}/").content.decode()

    assert "Made once more, it is not the same" in text
    assert "The chance of what was tried out is another one." in text


def test_where_nothing_is_kept_to_make_it_from_it_is_said(
    admin: Client, answer: Recommendation
) -> None:
    Decision.objects.filter(request_id=answer.request_id).update(inputs=None)

    text = admin.get(f"{FIND}{answer.request_id}/").content.decode()

    assert "It cannot be made once more" in text
    assert "What the learner had done" not in text
