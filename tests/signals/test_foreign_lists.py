"""An event counts for a surface and an arm only where it names a list of its own learner."""

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from signals import api
from signals.data import NewEvent
from signals.models import Event
from signals.request_ids import Arm, read_request_id
from tests.factories import ada, moment, new_course, new_learner, some_uuid, wire_event
from tests.signals.door import BATCH, TOKENS, Door

pytestmark = pytest.mark.django_db

FROM_A_LIST, FOREIGN = 4, 8
LMS = "https://lms.example"


def list_of(learner_id: int | None) -> UUID:
    return api.new_request_id(
        at=moment(hours=1), surface=1, arm=Arm.PERSONAL, learner_id=learner_id
    )


def forged(_learner_id: int) -> UUID:
    """An id with the time, surface and arm of a real one, and a guess for the rest."""
    return UUID(int=list_of(None).int ^ 0xBAD << 40)


def of_somebody_else(_learner_id: int) -> UUID:
    return list_of(new_learner("ben"))


def naming(request_id: UUID, kind: str = "rec.clicked") -> dict[str, object]:
    return wire_event(kind, course="c1", context={"request_id": str(request_id)})


def stored() -> tuple[UUID | None, int]:
    event = Event.objects.get()
    return event.request_id, event.flags


def test_a_click_on_the_learners_own_list_names_it() -> None:
    new_course("c1")
    own = list_of(new_learner("ada"))
    assert Door().send(naming(own))["accepted"] == 1
    assert stored() == (own, 0)


@pytest.mark.parametrize("make", [forged, of_somebody_else])
@pytest.mark.parametrize("kind", ["rec.shown", "rec.clicked", "course.enrolled"])
def test_an_event_that_names_no_list_of_its_learner_is_kept_and_names_none(
    kind: str, make: Callable[[int], UUID]
) -> None:
    new_course("c1")
    wrong = make(new_learner("ada"))
    assert read_request_id(wrong)[1:] == (1, Arm.PERSONAL)
    assert Door().send(naming(wrong, kind))["accepted"] == 1
    assert stored() == (None, FOREIGN)


def test_an_enrolment_from_an_own_list_is_marked_as_led_by_it() -> None:
    new_course("c1")
    own = list_of(new_learner("ada"))
    Door().send(naming(own, "course.enrolled"))
    assert stored() == (own, FROM_A_LIST)


def test_a_list_asked_for_before_its_learner_was_known_counts_when_the_platform_says_so() -> None:
    new_course("c1")
    early = list_of(None)
    assert Door().send(naming(early))["accepted"] == 1
    assert stored() == (early, 0)


def test_a_browser_is_not_believed_about_a_list_of_nobody() -> None:
    new_course("c1")
    person = ada()
    browser = Client()
    browser.force_login(person.account)
    answer = browser.post(
        BATCH,
        msgspec.json.encode({"batch": [naming(list_of(None))]}),
        content_type="application/json",
        headers={"Origin": "http://testserver"},
    )
    assert msgspec.json.decode(answer.content)["accepted"] == 1
    assert stored() == (None, FOREIGN)


def test_a_token_of_one_learner_cannot_click_the_list_of_another() -> None:
    new_course("c1")
    door, theirs = Door("tokens", "capture"), list_of(new_learner("ben"))
    minted = door.post(msgspec.json.encode({"learner": "ada", "origin": LMS}), TOKENS)
    token = msgspec.json.decode(minted.content)["token"]
    body = msgspec.json.encode({"batch": [naming(theirs)]})
    answer = door.post(body, Authorization=f"Bearer {token}", Origin=LMS)
    assert msgspec.json.decode(answer.content)["accepted"] == 1
    assert stored() == (None, FOREIGN)


def test_the_id_of_another_recommender_is_kept_as_it_is() -> None:
    new_course("c1")
    theirs = some_uuid()
    Door().send(naming(theirs))
    assert stored() == (theirs, 0)


def test_a_pick_of_our_own_pages_names_its_list() -> None:
    learner_id = new_learner("ada")
    own = list_of(learner_id)
    event = NewEvent("rec.shown", learner_id, moment(), context={"request_id": str(own)})
    assert api.record([event], now=moment()).accepted == 1
    assert stored() == (own, 0)
