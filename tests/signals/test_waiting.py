"""How often may a sender wait for what another holds? Once: a wait that was given up is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
import psycopg
import pytest
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, QueryCanceled
from psycopg_pool import PoolTimeout

from signals.capture import buffer
from signals.capture.intake import Sender
from signals.capture.spool import away
from signals.capture.xapi import arrived, keep
from signals.models import Event, Source, StatementId
from tests.factories import moment, new_course
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db(transaction=True)
GIVEN_UP_MS = 200


@contextmanager
def patience(ms: int) -> Iterator[None]:
    """Give up statements after a while, as web processes do."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {ms}")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def claimed_elsewhere(source_id: int, name: str) -> Iterator[None]:
    """Let another writer hold the id of a statement, and not commit."""
    settings = connection.get_connection_params()
    for ours in ("pool", "cursor_factory", "context"):
        settings.pop(ours, None)
    with psycopg.connect(**settings) as other:
        other.execute(
            "INSERT INTO signals_statementid (source_id, id, occurred_at, received_at, digest)"
            " VALUES (%s, %s, now(), now(), '')",
            [source_id, UUID(name)],
        )
        yield
        other.rollback()


def test_a_statement_whose_id_another_holds_is_waited_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new_course("c1:c1")
    Lms()
    source_id, body, tried = Source.objects.get().pk, statement(), 0
    sent = arrived.read(
        msgspec.json.encode([body]),
        "application/json",
        version="1.0.3",
        authority="lms",
        whole=False,
        now=moment(),
    )
    inner = keep._keep

    def counted(*args: object, **named: object) -> object:
        nonlocal tried
        tried += 1
        return inner(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(keep, "_keep", counted)
    sender = Sender(source_id)
    with (
        claimed_elsewhere(source_id, str(body["id"])),
        patience(GIVEN_UP_MS),
        pytest.raises(OperationalError) as gone,
    ):
        keep.keep(sent, sender=sender, store=False, now=moment())
    assert isinstance(gone.value.__cause__, QueryCanceled)
    assert tried == 1
    assert StatementId.objects.count() == 0
    keep.keep(sent, sender=sender, store=False, now=moment())
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("cause", "tries"),
    [(QueryCanceled(), 1), (PoolTimeout(), 1), (DeadlockDetected(), buffer.TRIES)],
)
def test_events_are_tried_again_after_a_deadlock_and_not_after_a_wait(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, tries: int
) -> None:
    tried = 0

    def store(*_args: object, **_named: object) -> None:
        nonlocal tried
        tried += 1
        raise OperationalError from cause

    monkeypatch.setattr(buffer, "store", store)
    with pytest.raises(OperationalError):
        buffer.write([], [])
    assert tried == tries


def given_up(cause: Exception) -> OperationalError:
    error = OperationalError()
    error.__cause__ = cause
    return error


def test_one_wait_that_was_given_up_makes_nobody_else_wait_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(away, "monotonic", lambda: now)
    monkeypatch.setattr(away, "_state", away._State())
    assert not away.waits_alone(given_up(PoolTimeout()))
    assert away.waits_alone(given_up(QueryCanceled()))
    now += away.SOON_S + 1
    assert away.waits_alone(given_up(QueryCanceled()))
    now += away.SOON_S - 1
    assert not away.waits_alone(given_up(QueryCanceled()))  # PostgreSQL does not get on
