"""Is it planned when the numbers are looked at, and late enough for each metric? (measurement)"""

from itertools import pairwise

from experiments.data import Finding
from experiments.gates.context import Context
from experiments.metrics import METRICS


def check(context: Context) -> Finding | None:
    """Refuse no look, looks that do not ascend, and a last look before a metric is ripe."""
    days = context.plan.look_days
    longest = max(
        (METRICS[name].longest_days for name in context.plan.metrics if name in METRICS), default=0
    )
    ascending = all(earlier < later for earlier, later in pairwise(days))
    if days and days[0] > 0 and ascending and days[-1] >= longest:
        return None
    return Finding(
        gate="looks",
        title="Looks are not planned",
        detail=(
            "Plan at least one look, as ascending days after it is open to all; the last not "
            f"before day {longest}, when the longest window of a metric has passed."
        ),
        evidence={"look_days": list(days), "longest_window_days": longest},
    )
