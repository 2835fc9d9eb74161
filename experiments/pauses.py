"""For how long did everybody see the control, although they are in an arm? (measurement)

A pause leaves its moments in the ledger. Whoever was in the variant before it has seen both arms
and counts with the variant, as they were drawn: that makes an effect look smaller, and a loss too.
"""

from datetime import datetime, timedelta

from experiments.models import Experiment
from signals import api as signals

MOST = 10_000  # entries of the ledger that are read: nobody pauses so often


def time_paused(experiment: Experiment, *, as_of: datetime) -> timedelta:
    """Return how long it was paused up to a moment."""
    ended = sorted(_moments(experiment.key, "experiment.resumed"))
    total = timedelta()
    for began in _moments(experiment.key, "experiment.paused"):
        end = next((one for one in ended if one >= began), as_of)
        total += max(min(end, as_of) - began, timedelta())
    return total


def _moments(key: str, action: str) -> list[datetime]:
    return [row.at for row in signals.ledger_rows(limit=MOST, action_prefix=action, subject=key)]
