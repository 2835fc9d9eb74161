"""Do several who erase or switch the same learner at once come to one end?"""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from signals import api
from signals.data import SYSTEM
from signals.models import Consent, PrivacyRequest
from signals.models.statements import run
from signals.privacy import gate
from tests.factories import ada, moment
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


def test_who_honours_it_waits_for_an_erasure_with_no_row_in_hand() -> None:
    learner_id = ada().learner_id
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            gate.erasing()
            honoured = pool.submit(of_its_own, learner_id)
            wait_for_somebody_at_the_gate(honoured)
            run("SET LOCAL lock_timeout = '1s'", [])
            Consent.objects.filter(learner_id=learner_id).delete()
        honoured.result(timeout=60)
    assert api.honours_gpc(learner_id)


def of_its_own(learner_id: int) -> None:
    """Honour it on a connection of its own, and close that."""
    try:
        api.honour_gpc(learner_id, now=moment())
    finally:
        connection.close()


def wait_for_somebody_at_the_gate(honoured: Future[None]) -> None:
    # Of this database alone: whoever runs other tests beside these waits at gates of their own.
    asked = """SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"""
    waiting = 0
    with connection.cursor() as cursor:
        while not waiting and not honoured.done():
            cursor.execute(asked)
            waiting = cursor.fetchone()[0]
    assert waiting == 1
