"""People at the controls: does every source send what it promised?"""

from collections.abc import Iterator
from datetime import datetime

from controltower.alerts.rule import BAD, Found, Rule
from signals import api as signals


def find(now: datetime) -> Iterator[Found]:
    """Find each source that is silent, or sends incomplete events."""
    for state in signals.source_states(now=now):
        if state.silent or state.incomplete:
            what = "is silent" if state.silent else "sends incomplete events"
            promise = state.objective
            yield Found(
                f"{state.title} {what}",
                f"First: {promise.next_step}" if promise else "It sends on such days by habit.",
                about=state.name,
                owner=promise.owner if promise else "",
            )


RULE = Rule("source", "Sources keep their promise", BAD, "tower:sources", "sources", find)
