"""What does a sender hear while the database is away? To send again: nothing is half kept."""

import pytest
from django.db import OperationalError

from signals.capture.xapi import keep
from signals.models import Event, StatementId
from tests.factories import new_course
from tests.signals.door import problem
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db


def test_a_store_that_is_away_asks_to_send_again_and_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement()

    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patched:
        patched.setattr(keep, "take", away)
        answer = lms.post(sent)
    assert problem(answer)["status"] == 503
    assert answer["Retry-After"]
    assert StatementId.objects.count() == 0
    assert lms.post(sent).status_code == 200
    assert Event.objects.count() == 1
