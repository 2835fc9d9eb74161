"""What is counted before anybody looks? The metrics of open experiments (measurement).

A look, a page and the watch over harm then read what is ready, and only learners whose events came
since are counted while somebody waits. Nothing here changes a number: see `signals.derive.kept`.
"""

import logging
from datetime import datetime

from experiments import preferences
from experiments.data import INTERLEAVED
from experiments.metrics import AHEAD_DAYS, MEASURED
from experiments.models import Experiment
from experiments.samples import asked_of
from experiments.surfaces import codes_of
from signals import api as signals

log = logging.getLogger(__name__)
State = Experiment.State
OPEN = (State.RUNNING, State.PAUSED, State.STOPPED)
AHEAD = tuple(
    asked_of(metric.key) for metric in MEASURED.values() if metric.longest_days <= AHEAD_DAYS
)


def count_ahead(*, now: datetime) -> int:
    """Count every usual metric of open experiments; return of how many learners anew."""
    rows = Experiment.objects.filter(state__in=OPEN).order_by("id")
    return sum(_counted(experiment, now=now) for experiment in rows)


def _counted(experiment: Experiment, *, now: datetime) -> int:
    surfaces = codes_of(experiment.plan.surfaces)
    try:
        if experiment.design == INTERLEAVED:  # read by votes
            return preferences.count_ahead(experiment, now=now)
        return signals.keep_measured(experiment.key, AHEAD, surfaces=surfaces, now=now)
    except Exception:  # whoever looks counts it then; the others are ready
        log.exception("The metrics of %s cannot be counted ahead.", experiment.key)
        return 0
