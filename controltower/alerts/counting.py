"""People at the controls: are new events being counted?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from controltower.alerts.rule import BAD, Found, Rule
from signals import aggregates

STALE_AFTER = timedelta(minutes=15)  # rollups are due every minute


def find(now: datetime) -> Iterator[Found]:
    """Find a count that stands still; before the first there is nothing to find."""
    counted_to = aggregates.rolled_up_at()
    if counted_to is not None and now - counted_to > STALE_AFTER:
        yield Found(
            "Events are not being counted",
            f"Nothing was counted since {counted_to:%H:%M} UTC. Start worker and beat, or run the "
            "command roll_up.",
        )


RULE = Rule("counting", "Events are counted", BAD, "tower:overview", "overview", find)
