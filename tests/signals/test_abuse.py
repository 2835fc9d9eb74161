"""What comes of input made to hurt? It is refused with a reason, quickly, and nothing breaks."""

from uuid import uuid4

import msgspec
import pytest
from django.test import Client

from signals import api, sealing
from signals.data import SYSTEM
from signals.models import DataKey, Event, Learner, LearnerCourse
from tests.factories import ada, moment, new_course, new_learner, wire_event
from tests.signals.door import BATCH, TOKENS, Door, problem

pytestmark = pytest.mark.django_db


def test_a_small_body_of_very_many_events_is_refused_before_any_is_looked_at() -> None:
    answer = Door().post(b'{"batch":[' + b"0," * 50_000 + b"0]}")
    assert (answer.status_code, problem(answer)["field"]) == (413, "$.batch")


def test_a_deeply_nested_context_with_a_nul_is_refused_alone() -> None:
    course = new_course("sql")
    good, deep = (wire_event("course.viewed", course=course.external_id) for _ in range(2))
    nested = b"[" * 450 + b'"\\u0000"' + b"]" * 450
    body = msgspec.json.encode({"batch": [good, {**deep, "context": {"a": 1}}]})
    answer = Door().post(body.replace(b'{"a":1}', b'{"a":' + nested + b"}"))
    counts = msgspec.json.decode(answer.content)
    assert (answer.status_code, counts["accepted"], counts["quarantined"]) == (200, 1, 1)


def test_an_origin_that_is_no_address_is_refused_in_words() -> None:
    body = msgspec.json.encode({"learner": "ada", "origin": "http://["})
    assert Door("tokens").post(body, TOKENS).status_code == 400


@pytest.mark.parametrize("kind", ["quiz.scored", "course.completed", "order.paid"])
def test_a_page_in_a_browser_cannot_claim_what_the_platform_decides(kind: str) -> None:
    person, course = ada(), new_course("sql")
    client = Client(headers={"origin": "http://testserver"})
    client.force_login(person.account)
    event = wire_event(kind, learner="ada", course=course.external_id, value=1.0)
    answer = client.post(BATCH, msgspec.json.encode({"batch": [event]}), "application/json")
    counts = msgspec.json.decode(answer.content)
    assert counts["errors"][0]["code"] == "server_only"
    assert not Event.objects.exists()


def test_a_page_in_a_browser_cannot_call_a_course_mandatory() -> None:
    person, course = ada(), new_course("sql")
    client = Client(headers={"origin": "http://testserver"})
    client.force_login(person.account)
    event = wire_event("course.enrolled", learner="ada", course=course.external_id)
    event["context"] = {"mandatory": True}
    client.post(BATCH, msgspec.json.encode({"batch": [event]}), "application/json")
    assert not LearnerCourse.objects.get(learner_id=person.learner_id).mandatory


def test_a_damaged_sealed_text_does_not_stop_the_others() -> None:
    learner_id = new_learner()
    good = sealing.seal(learner_id, b"pottery", use="text")
    opened = sealing.unseal_many([(learner_id, good[:-1] + b"x"), (learner_id, good)])
    assert opened == [None, b"pottery"]


def test_an_erasure_is_finished_when_the_keys_database_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learner_id = new_learner(str(uuid4()))

    def away(_learner_ids: list[int]) -> int:
        raise ConnectionError("the keys database is away")

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "destroy_keys", away)
        receipt = api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert (receipt["waiting"], receipt["keys_destroyed"]) == (["keys"], 0)
    assert not Learner.objects.filter(learner_id=learner_id).exists()
    assert api.erase_learner(learner_id, actor=SYSTEM, now=moment())["keys_destroyed"] == 1
    assert not DataKey.objects.filter(learner_id=learner_id).exists()
    with pytest.raises(LookupError):
        api.erase_learner(learner_id, actor=SYSTEM, now=moment())
