"""How does one course fare: who leaves where, who sees it, who looks for it, what is asked? (L5)

Counted by the clock over closed days, so that a page reads one row. Nothing under ten is kept.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from personalize.agents import demand
from personalize.models import CourseInsight
from signals import aggregates, catalogue
from signals.data import CourseReach

DAYS = 7  # of lists and of pages opened
FORUM_WEEKS = 12
PLACES = 50  # of a search that are looked at
TERMS = 5

# One pass over the lists of the last days: who was shown a course, and at which place on the mean.
_SHOWN = """
SELECT course_id, count(DISTINCT learner_id), avg(place)::float
FROM personalize_decision d, unnest(d.course_ids) WITH ORDINALITY AS shown (course_id, place)
WHERE d.served_at >= %s AND d.served_at < %s AND d.learner_id IS NOT NULL
GROUP BY course_id HAVING count(DISTINCT learner_id) >= %s
"""


@dataclass(frozen=True, slots=True)
class Left:
    """A module with who finished it, and which part of those who began the course that is."""

    title: str
    position: int
    finished: int | None
    share: float | None
    lost: float | None  # of those who finished the module told before it


@dataclass(frozen=True, slots=True)
class Found:
    """A topic it is found by: how often that is searched, and at which place it stands there."""

    topic: str
    slug: str
    searches: int
    place: int | None  # None: not among the first fifty


@dataclass(frozen=True, slots=True)
class Named:
    """A topic that posts in its forum name."""

    topic: str
    posts: int
    learners: int


@dataclass(frozen=True, slots=True)
class Insight:
    """How one course fares; None stands for fewer than ten."""

    course_id: int
    counted_at: datetime
    reach: CourseReach
    shown: int | None  # learners whose lists held it
    place: float | None  # on the mean, from 1
    modules: tuple[Left, ...]
    found: tuple[Found, ...]
    asked: tuple[Named, ...]

    @property
    def worst(self) -> Left | None:
        """Return the module at which the largest part leaves."""
        told = [one for one in self.modules if one.lost is not None and one.lost > 0]
        return max(told, key=lambda one: one.lost or 0.0, default=None)


def derive_insights(*, now: datetime) -> int:
    """Count how every course offered fares; return how many there are."""
    since = now - timedelta(days=DAYS)
    reach = aggregates.course_reach(since=since)
    finished = aggregates.module_reach()
    shown = _shown(since, now)
    rows = [
        CourseInsight(
            course_id=course_id,
            counted_at=now,
            figures={
                "reach": asdict(reach[course_id]) if course_id in reach else {},
                "finished": {str(m): n for m, n in finished.get(course_id, {}).items()},
                "shown": shown.get(course_id, (None, None)),
            },
        )
        for course_id in catalogue.courses()
    ]
    with transaction.atomic():
        CourseInsight.objects.all().delete()
        CourseInsight.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _shown(since: datetime, until: datetime) -> dict[int, tuple[int | None, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, [since, until, aggregates.K])
        rows = cursor.fetchall()
    return {
        int(course): (aggregates.publishable(int(learners)), round(float(place), 1))
        for course, learners, place in rows
    }


def insight(course_id: int, *, now: datetime) -> Insight | None:
    """Return how a course fares; None before it was first counted."""
    row = CourseInsight.objects.filter(course_id=course_id).first()
    if row is None:
        return None
    told: Mapping[str, Any] = row.figures
    reach = CourseReach(**told["reach"]) if told["reach"] else CourseReach(*[None] * 5)
    shown, place = told["shown"]
    return Insight(
        course_id=course_id,
        counted_at=row.counted_at,
        reach=reach,
        shown=shown,
        place=place,
        modules=_modules(course_id, told["finished"], reach.started),
        found=_found(course_id),
        asked=_asked(course_id, now=now),
    )


def overview() -> Mapping[int, tuple[CourseReach, int | None]]:
    """Return by course how far learners came and how many were shown it."""
    return {
        row.course_id: (
            CourseReach(**row.figures["reach"])
            if row.figures["reach"]
            else CourseReach(*[None] * 5),
            row.figures["shown"][0],
        )
        for row in CourseInsight.objects.all()
    }


def _modules(course_id: int, finished: Mapping[str, int], started: int | None) -> tuple[Left, ...]:
    found: list[Left] = []
    before = started
    for module in catalogue.modules(course_id):
        n = finished.get(str(module.module_id))
        share = min(1.0, n / started) if n is not None and started else None
        lost = max(0.0, 1 - n / before) if n is not None and before else None
        found.append(Left(module.title, module.position, n, share, lost))
        before = n if n is not None else before
    return tuple(found)


def _found(course_id: int) -> tuple[Found, ...]:
    _week, topics = demand.newest()
    touched = [
        one
        for one in topics
        if one.searches and any(c.course_id == course_id for c in one.covering)
    ]
    often = sorted(touched, key=lambda one: (-one.searches, one.topic))[:TERMS]
    return tuple(
        Found(one.topic, one.slug, one.searches, _place(course_id, one.topic)) for one in often
    )


def _place(course_id: int, topic: str) -> int | None:
    hits = catalogue.search(topic, limit=PLACES).hits
    return next((n for n, info in enumerate(hits, start=1) if info.course_id == course_id), None)


def _asked(course_id: int, *, now: datetime) -> tuple[Named, ...]:
    """Return what its forum names; learners are those of the best week."""
    posts: dict[str, int] = {}
    learners: dict[str, int] = {}
    for row in aggregates.forum_weeks(weeks=FORUM_WEEKS, now=now, course_id=course_id):
        posts[row.term] = posts.get(row.term, 0) + row.posts
        learners[row.term] = max(learners.get(row.term, 0), row.learners)
    return tuple(
        Named(term, posts[term], learners[term])
        for term in sorted(posts, key=lambda term: (-posts[term], term))
    )
