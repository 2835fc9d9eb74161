"""What can the log of decisions of the app above be asked? (measurement; pure)"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments.data.taking_part import Team
from signals.data import Answered

WITHIN_DAYS = 7  # what is said to be likely of a pick comes true so soon, or not

# (learner_id, since, until): a time in which a learner objected to lists of their own.
Period = tuple[int, datetime, datetime]


def _nobodys(_experiment: int, told: Sequence[Answered], _within: timedelta) -> Sequence[int]:
    return [Team.BOTH] * len(told)


@dataclass(frozen=True, slots=True)
class Promised:
    """What one learner was told to be likely, and how much of it came true; means over items."""

    learner_id: int
    said: float  # probability that they open what is listed within WITHIN_DAYS
    came: float  # share of the items they opened by then


@dataclass(frozen=True, slots=True)
class ServedReader:
    """What the log of decisions of the app above can say.

    against_will: how many lists of a learner's own were decided in these times.
    model_ages: for learners, and a time from and up to, the mean age in hours of the models their
    lists were made by, one number for each learner who had such a list.
    teams: for an experiment and what learners answered, whose the answered item was, parallel; BOTH
    where it was nobody's. A lesson belongs to the last drafted list that held its course, no longer
    before than the time given.
    first_picks: for an experiment up to a moment, for how many learners control and variant had
    the first pick in their first drafted list.
    promises: for learners, and a time from and up to, what lists of that time told them to be
    likely and what came of it; of those who were told anything and still allow to be counted.
    """

    against_will: Callable[[Sequence[Period]], int]
    model_ages: Callable[[Sequence[int], datetime, datetime], Sequence[float]]
    teams: Callable[[int, Sequence[Answered], timedelta], Sequence[int]] = _nobodys
    first_picks: Callable[[int, datetime], tuple[int, int]] = lambda _id, _as_of: (0, 0)
    promises: Callable[[Sequence[int], datetime, datetime], Sequence[Promised]] = (
        lambda _learners, _since, _until: ()
    )
