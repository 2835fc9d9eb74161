"""What does a page do whose learner is erased while it is at work? Nothing comes back."""

from collections.abc import Callable

import pytest
from django.test import Client

from personalize.data import Action
from personalize.decision import feedback, standing
from personalize.experience import people
from signals import api
from signals.data import SYSTEM, Actor, ActorKind, Purpose
from signals.models import PrivacyRequest
from signals.privacy import own_rows
from tests.factories import Person, ada, moment, new_course, some_uuid

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone() -> Person:
    """Return somebody who was erased just now."""
    person = ada()
    api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    return person


def nothing_is_left(person: Person) -> bool:
    subject = f"learner:{person.learner_id}"
    newest = api.ledger_rows(subject=subject, limit=1)[0].action
    named = PrivacyRequest.objects.filter(subject=person.learner_id).exists()
    return own_rows.left(person.learner_id) == 0 and not named and newest == "learner.key_destroyed"


CHANGES: tuple[Callable[[int, Actor], object], ...] = (
    lambda learner_id, me: api.set_consent(
        learner_id,
        purpose=Purpose.FINE_GRAINED,
        granted=True,
        via="page",
        actor=me,
        now=moment(),
    ),
    lambda learner_id, me: api.set_age_band(learner_id, "under18", actor=me, now=moment()),
    lambda learner_id, me: api.reset_learner(learner_id, actor=me, now=moment()),
    lambda learner_id, me: api.reset_learner(learner_id, whole=True, actor=me, now=moment()),
    lambda learner_id, me: api.export_learner(learner_id, actor=me, now=moment()),
    lambda learner_id, me: standing.state_goal(
        learner_id, goal="Data", interests=["SQL"], minutes_per_week=0, now=moment()
    ),
)


@pytest.mark.parametrize("change", CHANGES)
def test_what_comes_after_the_end_is_refused_and_leaves_nothing(
    gone: Person, change: Callable[[int, Actor], object]
) -> None:
    with pytest.raises(api.ErasedLearnerError):
        change(gone.learner_id, Actor(ActorKind.LEARNER, str(gone.learner_id)))
    assert nothing_is_left(gone)


def test_a_word_on_a_course_after_the_end_is_refused_and_leaves_nothing(
    gone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list was still there when it was looked for."""
    course_id = new_course("c1").course_id
    monkeypatch.setattr(feedback, "require_shown", lambda *_given, **_named: None)
    with pytest.raises(feedback.NotShownError):
        feedback.give(
            gone.learner_id,
            request_id=some_uuid(),
            course_id=course_id,
            action=Action.NOT_FOR_ME,
            now=moment(),
        )
    assert nothing_is_left(gone)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/privacy/switch/", {"purpose": "fine_grained", "on": "0"}),
        ("/personalization/", {"on": "0"}),
        ("/privacy/age/", {"band": "under18"}),
        ("/privacy/interests/", {"goal": "none"}),
        ("/goal/", {"part": "goal"}),
        ("/privacy/reset/", {}),
        ("/privacy/forget/", {}),
        ("/privacy/export/json/", {}),
        ("/privacy/export/csv/", {}),
    ],
)
def test_a_page_that_was_at_work_meanwhile_leads_out(
    gone: Person, monkeypatch: pytest.MonkeyPatch, address: str, said: dict[str, str]
) -> None:
    was = people.Learner(gone.learner_id, "Ada")
    monkeypatch.setattr(people, "learner_of", lambda _request: was)
    answer = Client().post(address, said)
    assert (answer.status_code, answer["Location"]) == (302, "/explore/")
    assert nothing_is_left(gone)
