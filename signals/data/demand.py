"""What is asked for, week by week, and what employers ask for? (L2; pure)

Every count stands for at least ten learners, or ten job posts, and is rounded to 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class TermWeek:
    """A search term in one closed week; `ago` is 0 for the last one."""

    term: str
    ago: int
    learners: int
    searches: int
    without_result: int  # 0 where fewer than ten learners found nothing


@dataclass(frozen=True, slots=True)
class ForumWeek:
    """A topic that forum posts of one closed week name.

    A thread is a post that answers none. Where replies were not told apart, openers and threads are
    all learners and all posts.
    """

    term: str
    ago: int
    learners: int
    posts: int
    openers: int  # 0 where fewer than ten learners opened a thread
    threads: int
    apart: bool  # replies were told apart


@dataclass(frozen=True, slots=True)
class JobShelf:
    """The newest reading of one source of job posts; `asked` maps a term to its posts."""

    source: str
    title: str
    unit: str
    origin: str
    as_of: date
    read_at: datetime
    posts: int
    fresh: bool  # too old to count where it is not
    asked: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CourseReach:
    """How far learners came in a course, as it may be shown; None for fewer than ten."""

    enrolled: int | None
    started: int | None
    completed: int | None
    opened: int | None  # its page, since the day asked for
    joined: int | None  # enrolled since that day


@dataclass(frozen=True, slots=True)
class SearchYield:
    """Searches and enrolments of all learners together in some days, rounded; None below ten."""

    searches: int | None
    enrolments: int | None
    days: int
