"""Of several clocks one gives out work; when it ends, or is cut off, another goes on."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from personalize.celery import app
from personalize.operations.beat import STANDBY_S, OneBeat

JOB = "personalize.tasks.purge_minutes"


@pytest.fixture
def clocks(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """Yield two clocks with one job that is due, which keep what they would have sent."""
    app.loader.import_default_modules()
    often = IntervalSchedule.objects.create(every=1, period="hours")
    long_ago = timezone.now() - timedelta(days=1)
    PeriodicTask.objects.create(name="job", task=JOB, interval=often, last_run_at=long_ago)
    with ExitStack() as stack:
        pair = []
        for _ in range(2):
            clock: Any = OneBeat(app=app, lazy=True)
            clock.setup_schedule()
            clock.sent = []
            monkeypatch.setattr(
                clock, "apply_entry", lambda e, clock=clock, **_: clock.sent.append(e.task)
            )
            stack.callback(clock.lead.drop)
            stack.callback(clock._finalize.cancel)
            pair.append(clock)
        yield pair[0], pair[1]


def ticks(clock: Any) -> float:
    waits = [clock.tick() for _ in range(4)]
    clock.sync()
    return float(waits[-1])


def test_one_acts_and_the_other_stands_by(clocks: tuple[Any, Any]) -> None:
    first, second = clocks
    assert ticks(first) > 0
    assert ticks(second) == STANDBY_S
    assert (first.sent.count(JOB), second.sent.count(JOB)) == (1, 0)


def test_another_goes_on_where_the_one_ended_and_sends_nothing_twice(
    clocks: tuple[Any, Any],
) -> None:
    first, second = clocks
    ticks(first)
    ticks(second)
    first.lead.drop()
    ticks(second)
    assert (first.sent.count(JOB), second.sent.count(JOB)) == (1, 0)
    PeriodicTask.objects.filter(name="job").update(last_run_at=timezone.now() - timedelta(hours=2))
    second._read_again()
    ticks(second)
    assert ticks(first) == STANDBY_S
    assert (first.sent.count(JOB), second.sent.count(JOB)) == (1, 1)


def test_one_whose_connection_broke_acts_no_more(clocks: tuple[Any, Any]) -> None:
    first, second = clocks
    first.tick()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()"
        )
    assert second.tick() != STANDBY_S
    assert first.tick() == STANDBY_S
