"""Has a source that usually sends fallen silent? (L2, pure)"""

from collections.abc import Mapping
from datetime import date, timedelta

WEEKS = 2  # in which the same weekday must have had events: weekends and holidays are no silence
LEAST = 10  # events on each of those days; fewer come and go by chance
DAY = timedelta(days=1)


def is_silent(received: Mapping[date, int], *, today: date) -> bool:
    """Say whether nothing came yesterday or today, though it did on that weekday before.

    `received` is how many events were received on each day; a day that is missing had none.
    """
    yesterday = today - DAY
    if received.get(yesterday, 0) or received.get(today, 0):
        return False
    before = [yesterday - 7 * week * DAY for week in range(1, WEEKS + 1)]
    return all(received.get(day, 0) >= LEAST for day in before)
