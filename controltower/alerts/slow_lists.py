"""People at the controls: are lists there within 200 ms?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from controltower.alerts.rule import BAD, Found, Rule
from personalize import api as personalize

OVER = timedelta(hours=1)
FEWEST = 200  # lists: of fewer a p95 is chance


def find(now: datetime) -> Iterator[Found]:
    """Find an hour whose p95 is over the limit."""
    speed = personalize.speed(since=now - OVER, until=now)
    if speed.lists < FEWEST:
        return
    p95 = speed.quantile(0.95)
    if p95 is None or p95 > personalize.LIMIT_MS:
        said = "over 1 s" if p95 is None else f"{p95:.0f} ms"
        yield Found(
            "Lists are too slow",
            f"p95 of the last hour is {said}; {personalize.LIMIT_MS} ms are promised.",
        )


RULE = Rule("latency", "Lists within 200 ms", BAD, "tower:charts", "charts", find)
