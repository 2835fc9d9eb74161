"""What runs by the clock in experiments. Each task calls a conductor; commands share the names."""

from celery import shared_task
from django.conf import settings

from experiments.ahead import count_ahead
from experiments.lifts import read_lifts
from experiments.looks import take_due_looks
from experiments.ramp import widen_by_evidence
from experiments.rereads import take_due_rereads
from experiments.returns import read_returns
from experiments.review import write_due_review
from experiments.watch import roll_back_harm
from signals.clock import now


@shared_task(name="experiments.tasks.read_experiments")
def read_experiments() -> int:
    """Take the looks whose moment has come, and read again what was shipped."""
    if settings.DEMO_CLOCK:
        # A played world is behind the clock: every look would be taken before it is filled, and
        # for good. Its nights run the command at the played moment.
        return 0
    taken = len(take_due_looks(now=now())) + len(take_due_rereads(now=now()))
    read_returns(now=now())  # of what a look or an end has just opened
    return taken


@shared_task(name="experiments.tasks.watch_experiments")
def watch_experiments() -> int:
    """Stop the running experiments that do harm, and open to more those that do none."""
    if settings.DEMO_CLOCK:
        return 0  # as above
    stopped = roll_back_harm(now=now())
    widened = widen_by_evidence(now=now())
    count_ahead(now=now())  # for the next time, and for whoever looks in between
    return len(stopped) + len(widened)


@shared_task(name="experiments.tasks.write_review")
def write_review() -> str:
    """Keep the review of the week that has just ended; the week, or nothing to do."""
    return "" if settings.DEMO_CLOCK else write_due_review(now=now()) or ""  # as above


@shared_task(name="experiments.tasks.read_lifts")
def read_key_figures() -> int:
    """Read the key figures against the comparison group; every night."""
    return read_lifts(now=now())
