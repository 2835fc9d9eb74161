"""For operators: when did each job of the clock last run, and did it succeed?

Workers write it down before and after each run. A job that does not run any more shows whatever
broke: the clock, the broker, the worker or the job.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from time import time
from typing import Any

from celery import signals as celery
from django.db import Error
from django.db.models import F

from personalize.models import JobRun
from signals.clock import now

SENT_AT = "northway_sent_at"  # header: seconds since 1970
TASKS = ("signals.tasks.", "experiments.tasks.", "personalize.tasks.", "controltower.tasks.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """The newest run of a job."""

    name: str
    began_at: datetime
    ended_at: datetime | None
    succeeded_at: datetime | None
    took_s: float | None
    waited_s: float | None
    failures: int


def jobs() -> tuple[Job, ...]:
    """Return the newest run of every job that ever ran, by name."""
    return tuple(
        Job(
            row.job,
            row.began_at,
            row.ended_at,
            row.succeeded_at,
            row.took_s,
            row.waited_s,
            row.failures,
        )
        for row in JobRun.objects.order_by("job")
    )


def began(name: str, *, sent_at: float | None, at: datetime) -> None:
    """Note that a worker took up a job, and how long that was after the clock sent it."""
    waited_s = None if sent_at is None else max(time() - sent_at, 0.0)
    JobRun.objects.update_or_create(job=name, defaults={"began_at": at, "waited_s": waited_s})


def ended(name: str, *, succeeded: bool, at: datetime) -> None:
    """Note that a job is over."""
    row = JobRun.objects.filter(job=name)
    begun = row.values_list("began_at", flat=True).first()
    took = {"took_s": (at - begun).total_seconds()} if begun else {}
    outcome: dict[str, Any] = (
        {"succeeded_at": at, "failures": 0} if succeeded else {"failures": F("failures") + 1}
    )
    row.update(ended_at=at, **took, **outcome)


def watch() -> None:
    """Write down the runs of this process's jobs from now on, where it is a worker."""
    celery.task_prerun.connect(_before, weak=False, dispatch_uid="northway-jobs")
    celery.task_postrun.connect(_after, weak=False, dispatch_uid="northway-jobs")


def _before(task: Any, **_told: object) -> None:
    if task.name.startswith(TASKS):
        headers = getattr(task.request, "headers", None) or {}
        sent_at = headers.get(SENT_AT) or getattr(task.request, SENT_AT, None)
        try:
            began(task.name, sent_at=sent_at, at=now())
        except Error as error:  # the job itself says what it cannot do
            log.warning("That %s began cannot be noted: %s", task.name, error)


def _after(task: Any, state: str | None = None, **_told: object) -> None:
    if task.name.startswith(TASKS):
        try:
            ended(task.name, succeeded=state == "SUCCESS", at=now())
        except Error as error:
            log.warning("That %s ended cannot be noted: %s", task.name, error)
