"""Is any kind of learner served worse than the others? (L4) Recall, calibration and exposure.

Recall and calibration are of the model that serves, as found on held-out learners when it was
trained; exposure and wrong picks are of the lists of the fourteen days that are over.
"""

from dataclasses import dataclass
from datetime import datetime

from personalize.data import CohortGap, Mistaken, ModelRow
from personalize.decision import fortnight, review
from personalize.engine import registry


@dataclass(frozen=True, slots=True)
class Fairness:
    """All gaps between kinds of learners, and of which model and days."""

    model: ModelRow | None
    gaps: tuple[CohortGap, ...]
    wrong: tuple[Mistaken, ...]
    since: datetime
    until: datetime
    read: bool  # False: the days have not been read yet, so there is no exposure


def fairness(*, now: datetime) -> Fairness:
    """Return how each kind of learner is served beside all others."""
    live, until = registry.live_version(), fortnight.over(now)
    assessed = live.assessed if live else None
    gaps = assessed.gaps if assessed else ()
    wrong: tuple[Mistaken, ...] = ()
    read = True
    try:
        lived = review.in_time(fortnight.kept, until)
        gaps, wrong = (*gaps, *lived.exposure), lived.wrong
    except review.NotReadYetError:
        read = False
    return Fairness(live, gaps, wrong, until - fortnight.FORTNIGHT, until, read)
