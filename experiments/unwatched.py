"""What if an experiment cannot be watched? It is told, and then it waits (measurement).

A read that fails once may have met a restart. One that fails beat after beat would let harm go on
unseen: the experiment is paused, everybody sees the control, and a person finds out why.
"""

from datetime import datetime

from django.db import transaction

from experiments import lifecycle
from experiments.data import ExperimentRefusedError
from experiments.models import Experiment, Unwatched
from experiments.transitions import record
from signals.data import SYSTEM

MOST_TIMES = 3  # beats in a row, which are five minutes apart


@transaction.atomic
def keep_failed(experiment: Experiment, *, why: str, now: datetime) -> None:
    """Keep that an experiment could not be watched, and pause it where that is no accident."""
    row, new = Unwatched.objects.select_for_update().get_or_create(
        experiment=experiment, defaults={"since": now, "times": 0}
    )
    row.times += 1
    row.save(update_fields=["times"])
    if new:
        record(SYSTEM, "experiment.unwatched", experiment.key, now, reason=_said(why))
    if row.times >= MOST_TIMES:
        _pause(experiment, why=why, times=row.times, now=now)


def keep_watched(experiment: Experiment, *, now: datetime) -> None:
    """Keep that an experiment can be watched again, where it could not."""
    with transaction.atomic():
        gone, _ = Unwatched.objects.filter(experiment=experiment).delete()
        if gone:
            record(SYSTEM, "experiment.watched", experiment.key, now)


def _pause(experiment: Experiment, *, why: str, times: int, now: datetime) -> None:
    reason = f"Paused by itself: it could not be watched {times} times in a row. {_said(why)}"
    try:
        with transaction.atomic():
            lifecycle.pause(SYSTEM, key=experiment.key, reason=reason, now=now)
    except ExperimentRefusedError:
        return  # somebody paused or stopped it first, or its plan was touched and it reads nothing


def _said(why: str) -> str:
    # The kind of the error alone: its text may hold what belongs into no ledger.
    return f"Its numbers cannot be read ({why}); the log of the worker says where."
