"""People at the controls: can the numbers of every running experiment be read?"""

from collections.abc import Iterator
from datetime import datetime

from controltower.alerts.rule import BAD, Found, Rule
from experiments import api as experiments


def find(now: datetime) -> Iterator[Found]:
    """Find each experiment nobody would notice harm of."""
    for row in experiments.list_experiments(now=now):
        if row.unwatched_since is not None and row.state in {"running", "paused"}:
            yield Found(
                f"“{row.title}” cannot be watched",
                f"Since {row.unwatched_since:%-d %B, %H:%M} UTC its numbers cannot be read.",
                about=row.key,
            )


RULE = Rule("unwatched", "Experiments are watched", BAD, "tower:experiments", "experiments", find)
