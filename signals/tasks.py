"""What runs by the clock in signals (L2). Each task calls a conductor; commands share the names."""

from celery import shared_task

from signals.capture.retention import purge_expired
from signals.clock import now
from signals.derive.demand import derive_demand
from signals.derive.partitions import ensure_partitions
from signals.derive.rollups import roll_up


@shared_task(name="signals.tasks.roll_up")
def roll_up_events() -> int:
    """Add new events to the rollups; every minute."""
    return roll_up(now=now())


@shared_task(name="signals.tasks.derive_demand")
def derive_search_demand() -> int:
    """Count the searches of closed weeks; every night."""
    return derive_demand(now=now())


@shared_task(name="signals.tasks.ensure_partitions")
def make_partitions_ahead() -> int:
    """Make the partitions of the coming months; every night."""
    return ensure_partitions(now=now())


@shared_task(name="signals.tasks.purge_expired")
def purge_what_expired() -> dict[str, int]:
    """Let go of what is older than its retention; every night."""
    return purge_expired(now=now())
