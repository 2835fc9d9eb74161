"""Who came back, week by week after the first exposure, in each arm of an experiment? (pure)"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """Of the learners of one arm who had the whole week, the share who were here again in it."""

    learners: int  # rounded to 5
    share: float  # of counts to the nearest five, so that it gives no other back
    low: float  # 95%
    high: float


@dataclass(frozen=True, slots=True)
class ReturnWeek:
    """One week after the exposure; an arm is None where fewer than ten came back, or did not."""

    week: int  # 1 is the first: days 1 to 7 after the exposure
    control: Returned | None
    variant: Returned | None
    apart: tuple[float, float, float] | None = None  # variant minus control, its 95% interval


@dataclass(frozen=True, slots=True)
class Returns:
    """What an experiment shows of it, as of its newest look or its end; never in between."""

    key: str
    title: str
    control: str
    variant: str
    as_of: datetime
    ended: bool  # as of its end, and so final
    weeks: tuple[ReturnWeek, ...]
