"""What does a watch over hours or weeks read of learners it names? Exact numbers (L2)"""

from collections.abc import Sequence
from datetime import datetime

from signals.derive import lately


def answers(
    learner_ids: Sequence[int], *, since: datetime, until: datetime
) -> dict[int, tuple[int, int]]:
    """Return of each real learner how many lists they clicked in that time, and refused from.

    Refused is "not for me" and "not now". Who is staff, a robot or a test account is left out.
    """
    return lately.answers(learner_ids, since=since, until=until)


def lessons(learner_ids: Sequence[int], *, since: datetime, until: datetime) -> dict[int, int]:
    """Return of each real learner who allows it how many lessons they completed in that time."""
    return lately.lessons(learner_ids, since=since, until=until)


def objecting(
    learner_ids: Sequence[int], *, until: datetime
) -> list[tuple[int, datetime, datetime]]:
    """Return every time, from and to, in which one of them objected to lists of their own."""
    return lately.objecting(learner_ids, until=until)
