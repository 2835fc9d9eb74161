"""Which numbers about many learners may be shown? (L2; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class KpiTotals:
    """What happened in some days, as it may be shown: rounded to 5, None for fewer than 10.

    The sums of ratings are those of as many ratings as are shown, with the mean and the spread that
    there were, each to the tenth.
    """

    slates: int | None = None  # rec.shown of lists of ours
    clicks: int | None = None  # rec.clicked on them
    enrolments: int | None = None
    enrolments_led: int | None = None  # of these, those that answer a list we served
    completions: int | None = None
    ratings: int | None = None
    rating_total: float = 0.0
    rating_squares: float = 0.0


@dataclass(frozen=True, slots=True)
class KpiReport:
    """Key figures day by day, oldest first, of the last seven days and of the seven before."""

    days: tuple[tuple[date, KpiTotals], ...]
    week: KpiTotals
    week_before: KpiTotals


class RevenuePart(StrEnum):
    """Where a payment came from."""

    LIST = "list"  # for a course the learner came to from one of our lists, days before
    COURSE = "course"  # for another course
    OTHER = "other"  # for no course we know
    STARTED = "started"  # a subscription that began
    ENDED = "ended"  # one that ended, at what it paid: money that will not come again


@dataclass(frozen=True, slots=True)
class Revenue:
    """What one part brought in 28 closed days, by 10 learners or more; told to three digits."""

    total: float
    payments: int  # rounded to 5
    learners: int


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """The newest 28 closed days and the 28 before; a part of fewer than ten learners is missing."""

    until: date  # the first day after them
    now: Mapping[RevenuePart, Revenue]
    before: Mapping[RevenuePart, Revenue]


@dataclass(frozen=True, slots=True)
class ArmFunnel:
    """What came of lists of one arm in closed days, rounded to 5; None for fewer than ten."""

    arm: int  # as in request ids: 1 personal, 2 generic, 3 holdout, 0 not measured
    shown: int | None
    clicked: int | None
    enrolled: int | None


@dataclass(frozen=True, slots=True)
class Flow:
    """How much arrives: events counted in the last whole hour and in the same hour a week before.

    Rounded to 5; None for fewer than ten.
    """

    hour: int | None
    week_before: int | None


@dataclass(frozen=True, slots=True)
class Demand:
    """A search term with its demand over closed weeks; at least 10 learners in each counted.

    Every count is rounded to 5. A week adds to `without_result` only where at least 10 learners
    found nothing in it.
    """

    term: str
    learners: int  # greatest weekly count
    searches: int
    without_result: int
    last_week: date  # its Monday


@dataclass(frozen=True, slots=True)
class AuditCell:
    """What one rule found at one source in a month, rounded to 5; ten learners or more."""

    events: int
    learners: int | None  # None: refused at the door, before a learner is known
    samples: tuple[str, ...]  # sentences that name nobody


@dataclass(frozen=True, slots=True)
class AuditRule:
    """A quality rule and what it found in a month; a source without a cell had fewer than ten."""

    name: str
    version: int
    title: str
    severity: str
    effect: str
    owner: str
    action: str
    cells: Mapping[int, AuditCell]  # by source_id
    events: int  # of all cells


@dataclass(frozen=True, slots=True)
class AuditSource:
    """A source in a month; events rounded to 5, None below ten."""

    source_id: int
    name: str
    title: str
    events: int | None
    silent: bool  # usually sends on such days, and did not yesterday or today


@dataclass(frozen=True, slots=True)
class QualityAudit:
    """The signal audit of one month, over closed days."""

    month: date
    months: tuple[date, ...]  # to choose from, newest first
    closed_to: date  # the last day counted
    judged_at: datetime | None  # when new events were last judged
    sources: tuple[AuditSource, ...]
    rules: tuple[AuditRule, ...]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What arrived in the last seven closed days, of all sources together, and was refused."""

    received: int  # stored and refused
    refused_share: float
    unknown_share: float  # a course, module or learner nobody knows


@dataclass(frozen=True, slots=True)
class QualityShares:
    """What training is judged by: the last seven closed days of all sources together."""

    received: int  # stored and refused
    refused_share: float  # of what was received
    unknown_share: float  # of what was received: a course, module or learner not known
    learners: int  # real ones
    weightless_share: float  # of them: nothing they did is learned from
    silent: tuple[str, ...]  # sources that usually send and do not
    silent_share: float  # which part of three weeks' events they sent


@dataclass(frozen=True, slots=True)
class Choices:
    """What learners chose, all together, rounded to 5; None for fewer than ten."""

    learners: int | None
    gpc: int | None  # Global Privacy Control seen: do not sell, do not share
    objected: int | None  # recommendations switched off
    fine_grained: int | None  # agreed
    inferred: int | None  # agreed
    minors: int | None  # known to be under 18


@dataclass(frozen=True, slots=True)
class StatementShelf:
    """How many whole statements a source of the profile store keeps, rounded to 5."""

    name: str
    title: str
    statements: int | None  # None for fewer than ten


@dataclass(frozen=True, slots=True)
class Standing:
    """Learners who stand still at one place of a course; counts to the nearest five.

    kind is "stuck" (before this module), "not_begun" or "not_passed" (its quiz).
    """

    kind: str
    course_id: int
    module_id: int
    learners: int
    under_way: int  # all who are in the middle of the course, and were there in sixty days
    away_from: int  # days since the last step
    away_to: int
