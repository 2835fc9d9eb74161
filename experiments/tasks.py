"""What runs by the clock in experiments. Each task calls a conductor; commands share the names."""

from celery import shared_task

from experiments.analysis import take_due_looks
from signals.clock import now


@shared_task(name="experiments.tasks.read_experiments")
def read_experiments() -> int:
    """Take the looks whose moment has come."""
    return len(take_due_looks(now=now()))
