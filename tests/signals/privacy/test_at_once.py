"""Do several who erase the same learner at once come to one end, with one receipt?"""

import pytest

from signals import api
from signals.data import SYSTEM
from signals.models import PrivacyRequest
from tests.factories import moment
from tests.signals.privacy.test_steps import is_gone, somebody
from tests.signals.test_parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_erase_at_once_share_one_receipt() -> None:
    learner_id = somebody()

    def erase() -> object:
        try:
            return api.erase_learner(learner_id, actor=SYSTEM, now=moment())["receipt"]
        except LookupError:
            return None  # the other was at the end by then

    receipts = {receipt for receipt in at_once(*[erase] * 4) if receipt is not None}
    assert len(receipts) == PrivacyRequest.objects.filter(kind="erase").count() == 1
    [request] = PrivacyRequest.objects.filter(kind="erase")
    assert request.done_at is not None
    counts = {said["name"]: said["count"] for said in request.steps}
    assert (counts["tombstone"], counts["refused"], counts["keys"]) == (1, 1, 1)
    assert counts["rows"] > 5
    assert is_gone(learner_id)
