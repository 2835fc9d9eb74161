"""What is counted before anybody looks? The metrics of open experiments (measurement).

A look, a page and the watch over harm then read what is ready, and only learners whose events came
since are counted while somebody waits. Nothing here changes a number: see `signals.derive.kept`.
"""

from datetime import datetime

from experiments.metrics import METRICS
from experiments.models import Experiment
from experiments.samples import asked_of
from experiments.surfaces import codes_of
from signals import api as signals

State = Experiment.State
OPEN = (State.RUNNING, State.PAUSED, State.STOPPED)
LONGEST_DAYS = 37  # a window that ends later is read once, by the looks after the decision
AHEAD = tuple(
    asked_of(metric.key) for metric in METRICS.values() if metric.longest_days <= LONGEST_DAYS
)


def count_ahead(*, now: datetime) -> int:
    """Count every usual metric of open experiments; return of how many learners anew."""
    return sum(
        signals.keep_measured(
            experiment.key, AHEAD, surfaces=codes_of(experiment.plan.surfaces), now=now
        )
        for experiment in Experiment.objects.filter(state__in=OPEN).order_by("id")
    )
