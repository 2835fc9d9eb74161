"""Do statements become events, as every other door would store them?"""

import json

import pytest

from signals.models import Event, LearnerCourse
from tests.factories import new_course
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db


def test_a_statement_becomes_an_event_and_history_of_its_learner() -> None:
    new_course("c1:c1")
    sent = statement()
    answer = Lms().post(sent)
    assert (answer.status_code, json.loads(answer.content)) == (200, [sent["id"]])
    event = Event.objects.get()
    assert (str(event.id), event.kind) == (sent["id"], 2)
    assert LearnerCourse.objects.get().enrolled_at is not None
