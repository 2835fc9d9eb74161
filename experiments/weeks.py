"""Was more of what was listed clicked this week than the week before? (measurement)

Of all learners together and of whole days, from counts as they may be shown. Lists are taken for
independent of each other, which those of one learner are not, and two weeks differ in more than in
what was changed: this says how it went, and experiments say why.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from experiments.stats.means import difference
from experiments.stats.proportions import Proportion
from experiments.stats.wording import told
from signals import aggregates
from signals.data import KpiTotals

WEEKS_DAYS = 14
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """By how much the share of clicked lists moved, with its interval; lists is of this week."""

    difference: float
    low: float
    high: float
    lists: int
    reading: str  # better, worse, not clear


def change(until: datetime) -> dict[str, Any] | None:
    """Return how the seven days before the day of a moment differ from the seven before these.

    None where fewer than ten lists or clicks are known of either.
    """
    midnight = datetime.combine(until.astimezone(UTC).date(), time(), tzinfo=UTC)
    report = aggregates.kpis(days=WEEKS_DAYS, now=midnight - timedelta(microseconds=1))
    now, before = _share(report.week), _share(report.week_before)
    if now is None or before is None:
        return None
    found = difference(before, now, alpha=ALPHA)
    low, high = float(found.low), float(found.high)
    reading = "better" if low > 0 else "worse" if high < 0 else "not clear"
    moved = told(float(found.difference))
    return asdict(Change(moved, told(low), told(high), int(now.n), reading))


def _share(totals: KpiTotals) -> Proportion | None:
    """Return lists and clicks; more clicks than lists are no share of them."""
    if totals.slates is None or totals.clicks is None or totals.clicks >= totals.slates:
        return None
    return Proportion(totals.slates, totals.clicks)
