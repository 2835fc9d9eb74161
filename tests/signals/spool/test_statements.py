"""What becomes of statements that come while PostgreSQL is away?"""

from uuid import uuid4

import msgspec
import pytest

from signals.models import Event, Statement
from tests.factories import new_course
from tests.signals.door import problem
from tests.signals.spool.outage import drained, outage
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db

SEEKED = {"id": "https://w3id.org/xapi/video/verbs/seeked"}


@pytest.fixture
def lms() -> Lms:
    """A platform whose key and profile are known."""
    new_course("c1:c1")
    found = Lms()
    found.post(statement())
    Event.objects.all().delete()
    return found


def test_statements_wait_and_are_stored_once(lms: Lms) -> None:
    sent = [statement(id=str(uuid4())) for _ in range(2)]
    with outage():
        answers = [lms.post(*sent), lms.post(*sent)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert msgspec.json.decode(answers[0].content) == [one["id"] for one in sent]
    assert Event.objects.count() == 0
    assert (drained().events, Event.objects.count()) == (2, 2)
    assert lms.post(*sent).status_code == 200
    assert Event.objects.count() == 2


def test_a_statement_put_waits_under_its_id(lms: Lms) -> None:
    sent = statement(id=str(uuid4()))
    with outage():
        assert lms.put(sent).status_code == 204
    drained()
    assert [str(event.id) for event in Event.objects.all()] == [sent["id"]]


def test_statements_without_an_id_that_are_sent_again_count_once(lms: Lms) -> None:
    sent = statement(id=None)
    with outage():
        lms.post(sent)
        lms.post(sent)
    drained()
    lms.post(sent)
    assert Event.objects.count() == 1


def test_what_needs_consent_is_refused_and_the_rest_waits_once(lms: Lms) -> None:
    plain, fine = statement(), statement(verb=SEEKED)
    with outage():
        answers = [lms.post(plain, fine) for _ in range(3)]
    assert [problem(answer)["status"] for answer in answers] == [503] * 3
    assert answers[0]["Retry-After"]
    assert drained().records == 1
    assert Event.objects.count() == 1


def test_a_source_that_keeps_statements_keeps_these_whole(lms: Lms) -> None:
    store = Lms("records", profile="store")
    store.post(statement())
    kept = Statement.objects.count()
    with outage():
        assert store.post(statement(verb=SEEKED), statement()).status_code == 200
    drained()
    assert Statement.objects.count() == kept + 2
