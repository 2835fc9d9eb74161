"""What has all that learners are given done, against those who are given nothing? (measurement)

The permanent comparison group is drawn by a hash and enters no experiment, so it measures the whole
product: its models and whatever was shipped. Everybody is read who was known by the end, here or
not, each in the group they were drawn for. Nothing is taken off for what learners did before: that
time was theirs to be influenced as well.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from experiments import assignment
from experiments.stats.contrasts import relative
from experiments.stats.means import Sample, two_sided
from experiments.stats.srm import check_split
from experiments.stats.wording import K, shown, told
from signals import api as signals
from signals.data import Done

WITHIN_DAYS = 28
ALPHA = 0.05
FEW, UNEVEN = "few", "uneven"  # why there is no figure


@dataclass(frozen=True, slots=True)
class Lift:
    """By which share those who take part completed more lessons than the comparison group."""

    share: float
    low: float
    high: float
    held: int  # learners of the comparison group, rounded to 5
    others: int
    reading: str  # better, worse, not clear


def against_holdout(until: datetime) -> dict[str, Any]:
    """Return the lift over the four weeks of whole days before the day of a moment.

    Or {"why": ...} where none may be shown: fewer than ten learners of a group completed anything,
    or the group is not the share of learners that it should be.
    """
    midnight = datetime.combine(until.astimezone(UTC).date(), time(), tzinfo=UTC)
    held, others = signals.done_apart(
        since=midnight - timedelta(days=WITHIN_DAYS),
        until=midnight,
        among=assignment.in_holdout,
    )
    if min(held.telling, others.telling) < K:
        return {"why": FEW}
    share = assignment.HOLDOUT_SHARE
    if check_split([held.learners, others.learners], [share, 1 - share]).broken:
        return {"why": UNEVEN}
    return asdict(_lift(held, others))


def _lift(held: Done, others: Done) -> Lift:
    found = two_sided(relative(_sample(held), _sample(others)), alpha=ALPHA)
    low, high = float(found.low), float(found.high)
    return Lift(
        share=told(float(found.difference)),
        low=told(low),
        high=told(high),
        held=shown(held.learners),
        others=shown(others.learners),
        reading="better" if low > 0 else "worse" if high < 0 else "not clear",
    )


def _sample(done: Done) -> Sample:
    return Sample(done.learners, done.total, done.squares)
