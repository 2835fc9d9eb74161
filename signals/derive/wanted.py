"""What was asked for week by week, and how far did learners come in each course? (L2)

Reads what was counted before: terms, rollups, and the compact history by course. Every number goes
through the rule of small counts here.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q, Sum

from signals.data import CourseReach, ForumWeek, SearchYield, TermWeek
from signals.derive.demand import monday
from signals.kinds.registry import code_of
from signals.models import DemandTerm, ForumTerm, LearnerCourse, Rollup, SearchWeek
from signals.processing.disclosure import K, publishable, rounded
from signals.processing.mentions import EVERYWHERE

SEARCH, ENROL = "search.performed", "course.enrolled"


def term_weeks(*, weeks: int, now: datetime) -> tuple[TermWeek, ...]:
    """Return the search terms of the last closed weeks, week by week."""
    last = _last_week(now)
    rows = DemandTerm.objects.filter(
        week__gt=last - timedelta(weeks=weeks), week__lte=last, learners__gte=K
    )
    return tuple(
        TermWeek(
            row.term,
            (last - row.week).days // 7,
            rounded(row.learners),
            rounded(row.searches),
            rounded(row.without_result),
        )
        for row in rows.order_by("term", "week")
    )


def same_sources(*, weeks: int, now: datetime) -> int | None:
    """Return how many weeks ago the sources of today began to send searches; None: no change known.

    Of the last closed weeks. A week without searches, or from before their sources were kept, tells
    nothing of a change.
    """
    last = _last_week(now)
    rows = SearchWeek.objects.filter(week__gt=last - timedelta(weeks=weeks), week__lte=last)
    since: int | None = None
    newest: list[int] | None = None
    for row in rows.order_by("-week"):
        if newest is not None and row.sources != newest:
            return since
        newest, since = row.sources, (last - row.week).days // 7
    return None


def forum_weeks(*, weeks: int, now: datetime, course_id: int = EVERYWHERE) -> tuple[ForumWeek, ...]:
    """Return what forum posts of the last closed weeks name, in one course or everywhere."""
    last = _last_week(now)
    rows = ForumTerm.objects.filter(
        week__gt=last - timedelta(weeks=weeks),
        week__lte=last,
        course_id=course_id,
        learners__gte=K,
    )
    return tuple(
        _forum_week(row, ago=(last - row.week).days // 7) for row in rows.order_by("term", "week")
    )


def _forum_week(row: ForumTerm, *, ago: int) -> ForumWeek:
    learners, posts = rounded(row.learners), rounded(row.posts)
    if row.openers is None or row.threads is None:
        return ForumWeek(row.term, ago, learners, posts, learners, posts, apart=False)
    many = row.openers >= K
    openers, threads = (rounded(n) if many else 0 for n in (row.openers, row.threads))
    return ForumWeek(row.term, ago, learners, posts, openers, threads, apart=True)


def course_reach(*, since: datetime) -> Mapping[int, CourseReach]:
    """Return by course how far learners came. One pass over all courses of all learners.

    For the clock, not for pages.
    """
    rows = LearnerCourse.objects.values("course_id").annotate(
        enrolled=Count("learner_id", filter=Q(enrolled_at__isnull=False)),
        started=Count("learner_id", filter=Q(started_at__isnull=False)),
        completed=Count("learner_id", filter=Q(completed_at__isnull=False)),
        opened=Count("learner_id", filter=Q(viewed_at__gte=since)),
        joined=Count("learner_id", filter=Q(enrolled_at__gte=since)),
    )
    counts = ("enrolled", "started", "completed", "opened", "joined")
    return {
        course_id: CourseReach(*map(publishable, told))
        for course_id, *told in rows.values_list("course_id", *counts)
    }


def search_yield(*, days: int, now: datetime) -> SearchYield:
    """Return how many searches and enrolments there were in the last days, of all together."""
    kinds = {name: code_of(name) for name in (SEARCH, ENROL)}
    rows = (
        Rollup.objects.filter(
            step_at__gte=now - timedelta(days=days), step_at__lte=now, kind__in=kinds.values()
        )
        .values("kind")
        .annotate(n=Sum("count"))
    )
    found = {row["kind"]: int(row["n"]) for row in rows}
    searches, enrolments = (publishable(found.get(kinds[name], 0)) for name in (SEARCH, ENROL))
    return SearchYield(searches, enrolments, days)


def _last_week(now: datetime) -> date:
    """Return the Monday of the last week that has ended."""
    return monday(now.astimezone(UTC).date()) - timedelta(weeks=1)
