"""People at the controls: are too many lists late, or not made by the model?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from controltower.alerts.rule import BAD, Found, Rule
from personalize import api as personalize

# Both windows, so that one bad minute rings nobody and what is over stops ringing: at this rate
# 2% of the 30 days' budget is gone within the hour (Google's SRE workbook, chapter 5).
LONG, SHORT = timedelta(hours=1), timedelta(minutes=10)
RATE = 14.4
FEWEST = 200  # lists


def find(now: datetime) -> Iterator[Found]:
    """Find them missing what is promised too fast to wait for."""
    both = [personalize.speed(since=now - window, until=now) for window in (LONG, SHORT)]
    allowed = 1 - personalize.PROMISED
    if both[0].lists >= FEWEST and all(
        one.lists and one.missed / one.lists >= RATE * allowed for one in both
    ):
        share = both[0].missed / both[0].lists
        yield Found(
            "Many lists are late or not made by the model",
            f"{share:.1%} of the last hour's lists were late or from a fallback; "
            f"{allowed:.1%} are allowed over {personalize.BUDGET_DAYS} days.",
        )


RULE = Rule(
    "budget", "Lists are in time and made by the model", BAD, "tower:charts", "charts", find
)
