"""What runs by the clock in experiments. Each task calls a conductor; commands share the names."""

from celery import shared_task

from experiments import api
from signals.clock import now


@shared_task(name="experiments.tasks.read_experiments")
def read_experiments() -> int:
    """Take the looks whose moment has come; every night."""
    return len(api.take_due_looks(now=now()))
