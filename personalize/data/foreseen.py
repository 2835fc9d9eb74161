"""What would a change do, before it is made? Pure."""

from dataclasses import dataclass
from datetime import datetime

from personalize.data.lists import Item


@dataclass(frozen=True, slots=True)
class Forecast:
    """A pick of a list that is only played through, with what the model expects of it."""

    course_id: int
    rank: int
    opened: float | None  # the probability, None where the model tells none
    completed: float | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Lists before and after other weights, for one example and for who asked lately."""

    shown_for: str  # who the example is, in words
    before: tuple[Forecast, ...]
    after: tuple[Forecast, ...]
    requests: int  # learners of the last day whose lists were played through
    affected: int  # of those, whose first places change
    expected_before: tuple[float, float] | None  # mean chances of their first places; None: no one
    expected_after: tuple[float, float] | None
    orders_by: tuple[str, ...]  # of "opened" and "passed", which tell courses apart


@dataclass(frozen=True, slots=True)
class Preview:
    """A list before and after a change, for one example."""

    shown_for: str  # who the example is, in words
    before: tuple[Item, ...]
    after: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A mean chance of the picks of lists now and with a change; low, high bound the difference."""

    now: float
    then: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What the last logged requests would get under a change, all learners together.

    Counts are to the nearest five; what stands for fewer than ten learners is left out. All None
    and empty where so few asked that nothing may be said.
    """

    requests: int  # that were played over, 0 for too few
    since: datetime
    until: datetime
    model: str  # its version: who says what is likely
    changed: float | None = None  # share of lists whose first page is another
    held: tuple[float, float] | None = None  # share of lists with the course, now and then
    opened: Shift | None = None  # within 7 days
    completed: Shift | None = None  # within 30 days, once begun
    pushed: tuple[tuple[int, int], ...] = ()  # course_id and how many lists lose it, most first
    gained: tuple[tuple[int, int], ...] = ()
    cohorts: tuple[tuple[str, float], ...] = ()  # whose first pages change, share, most first
    finished: int = 0  # finished changes that predictions were held against
    calibrated: bool = False  # low and high of opened are by those
    whole: bool = True  # False: over the newest requests alone, the rest being made ready
