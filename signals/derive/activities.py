"""What did these learners do? Their stored events as processing reads them (L2)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from signals.derive.partitions import month_start
from signals.kinds.kind import Kind, Mark
from signals.kinds.registry import KINDS
from signals.models import Learner
from signals.models.shelf import shelf
from signals.models.statements import run
from signals.privacy.retention import RAW_MONTHS
from signals.processing.activity import Activity, Group, Surroundings
from signals.processing.normalize import Stored, normalize

MOST_EVENTS = 20_000  # of one learner, the newest; whoever has more is a program

# What kinds mean beyond being an action. What runs by itself, or on a server, is none.
MEANING = {
    "course.viewed": Group.ACTION | Group.LIGHT,
    "rec.clicked": Group.ACTION | Group.LIGHT,
    "course.enrolled": Group.ACTION | Group.ENROLLED,
    "course.completed": Group.COURSE_DONE,
    "lesson.started": Group.ACTION | Group.LESSON_STARTED,
    "lesson.completed": Group.ACTION | Group.LESSON_DONE,
    "lesson.progressed": Group.NONE,
    "quiz.scored": Group.ACTION | Group.SCORED,
    "video.played": Group.NONE,
    "video.paused": Group.WATCHED,
    "video.seeked": Group.SEEKED,
    "rec.shown": Group.NONE,
    "order.paid": Group.NONE,
    "subscription.started": Group.NONE,
    "subscription.ended": Group.NONE,
}

# What makes an event count in the history of its course; as in the statement that stores it.
COURSE_MARKS = (
    Mark.VIEWED | Mark.ENROLLED | Mark.UNENROLLED | Mark.COMPLETED | Mark.STARTED | Mark.RATED
)

_EVENTS = f"""
SELECT w.learner_id, e.occurred, e.source_id, e.id, e.kind, e.course_id, e.module_id, e.value,
       e.flags
FROM unnest(%b::bigint[]) w (learner_id)
CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM occurred_at) * 1000000)::bigint AS occurred, source_id,
           uuid_send(id) AS id, kind, course_id, module_id, value, flags
    FROM signals_event
    WHERE learner_id = w.learner_id AND occurred_at >= %b
    ORDER BY occurred_at DESC, source_id DESC, signals_event.id DESC LIMIT {MOST_EVENTS}
) e
"""  # noqa: S608  a constant is put in


@dataclass(frozen=True, slots=True)
class Life:
    """What one learner did, and what has to be known beside it."""

    learner_id: int
    activity: Activity
    around: Surroundings


def lives(learner_ids: Collection[int], *, now: datetime) -> Iterator[Life]:
    """Yield what each learner did within raw retention; one without events too."""
    oldest = month_start(now, -RAW_MONTHS)
    groups = {kind.code: _meaning(kind) for kind in KINDS.values()}
    stored: dict[int, list[Stored]] = {learner_id: [] for learner_id in learner_ids}
    for learner_id, *columns in run(_EVENTS, [list(learner_ids), oldest]):
        stored[learner_id].append(Stored(*columns))
    around = _surroundings(
        {event.course for events in stored.values() for event in events if event.course}
    )
    kinds = dict(
        Learner.objects.filter(learner_id__in=learner_ids).values_list("learner_id", "kind")
    )
    for learner_id, events in stored.items():
        yield Life(
            learner_id,
            normalize(events, groups=groups),
            replace(around, learner_kind=kinds.get(learner_id, Learner.Kind.REAL)),
        )


def _meaning(kind: Kind) -> Group:
    """Return what a kind means; one that is not listed is an action."""
    group = MEANING.get(kind.name, Group.ACTION)
    return group | Group.HISTORY if kind.marks & COURSE_MARKS else group


def _surroundings(course_ids: Collection[int]) -> Surroundings:
    """Return how long these courses and their modules take, and how they teach."""
    catalogue = shelf()
    known = [course_id for course_id in course_ids if course_id in catalogue.courses]
    modules = [info for found in catalogue.modules(known).values() for info in found]
    return Surroundings(
        course_minutes={course: float(catalogue.courses[course].minutes) for course in known},
        module_minutes={info.module_id: float(info.minutes) for info in modules},
        module_formats={info.module_id: info.format for info in modules},
    )
