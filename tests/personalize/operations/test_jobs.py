"""Workers write down when each job ran, how long it waited, and whether it succeeded."""

from time import time
from typing import Any

import pytest

from personalize import api, tasks
from personalize.operations.jobs import SENT_AT

pytestmark = pytest.mark.django_db
JOB = "personalize.tasks.purge_minutes"


def test_a_run_is_written_down() -> None:
    sent: Any = {SENT_AT: time() - 30}
    tasks.purge_minutes.apply(headers=sent)
    [job] = api.jobs()
    assert job.name == JOB
    assert job.ended_at is not None
    assert job.ended_at == job.succeeded_at
    assert job.ended_at >= job.began_at
    assert job.failures == 0
    assert job.took_s == pytest.approx((job.ended_at - job.began_at).total_seconds())
    assert 30 <= (job.waited_s or 0) < 90


def test_failures_in_a_row_are_counted_until_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.purge_minutes.apply()
    [good] = api.jobs()
    with monkeypatch.context() as patch:
        patch.setattr("personalize.operations.tallies.purge", lambda **_: 1 / 0)
        tasks.purge_minutes.apply()
        tasks.purge_minutes.apply()
    [bad] = api.jobs()
    assert bad.failures == 2
    assert bad.succeeded_at == good.succeeded_at
    assert bad.ended_at != good.ended_at
    tasks.purge_minutes.apply()
    assert [job.failures for job in api.jobs()] == [0]
