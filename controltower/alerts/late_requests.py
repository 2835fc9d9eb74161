"""People at the controls: is every request of a learner answered in time?"""

from collections.abc import Iterator
from datetime import datetime

from controltower.alerts.rule import BAD, Found, Rule
from signals import api as signals


def find(now: datetime) -> Iterator[Found]:
    """Find requests past their deadline; they are counted, and nobody is named."""
    late = sum(row.due_at < now for row in signals.requests_made(waiting=True))
    if late:
        yield Found(
            f"Learners' requests are late: {late}",
            "The law gives a month. The page says what each waits for.",
        )


RULE = Rule("requests", "Requests in time", BAD, "tower:privacy", "privacy", find)
