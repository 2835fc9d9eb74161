"""What does a learner say about a shown course? (L4) It acts on the very next answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from personalize.data import Action
from personalize.decision import log, memory
from personalize.decision.surfaces import SURFACES
from personalize.models import Feedback
from signals import api as signals
from signals.data import NewEvent

SNOOZE_DAYS = 30
PLACES = tuple(f"{surface}:{unit}" for surface in SURFACES for unit in ("course", "lesson"))
EVENTS = {Action.NOT_FOR_ME: "rec.dismissed", Action.SNOOZE: "rec.snoozed"}


class NotShownError(LookupError):
    """The course was not shown to this learner by this request."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was said; until is the end of a snooze."""

    action: Action
    course_id: int
    until: datetime | None
    request_id: UUID | None


def give(
    learner_id: int, *, request_id: UUID, course_id: int, action: Action, now: datetime
) -> Given:
    """Keep what a learner says about a course they were shown, and record it as an event.

    Raises NotShownError for another learner's request or a course that was not in it.
    """
    if action is not Action.UNDO:  # which needs no decision: that may be gone by then
        require_shown(learner_id, request_id=request_id, course_id=course_id)
    until = now + timedelta(days=SNOOZE_DAYS) if action is Action.SNOOZE else None
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise NotShownError("There is no such learner any more.")
        if action is Action.UNDO:
            Feedback.objects.filter(learner_id=learner_id, course_id=course_id).delete()
        else:
            Feedback.objects.update_or_create(
                learner_id=learner_id,
                course_id=course_id,
                defaults={"action": action, "until": until, "request_id": request_id, "at": now},
            )
        if action in EVENTS:
            event = NewEvent(
                kind=EVENTS[action],
                learner_id=learner_id,
                occurred_at=now,
                course_id=course_id,
                context={"request_id": str(request_id)},
            )
            signals.record([event], now=now)
    forget_lists(learner_id)
    return Given(action, course_id, until, request_id)


def require_shown(learner_id: int, *, request_id: UUID, course_id: int) -> None:
    """Raise NotShownError unless this request showed the course to this learner."""
    row = log.find(request_id)
    if row is None or row.learner_id != learner_id or course_id not in row.course_ids:
        raise NotShownError(f"Request {request_id} showed no such course to this learner.")


def forget_lists(learner_id: int) -> None:
    """Drop remembered lists: what a learner said or changed must not wait for a fresh one."""
    memory.drop(learner_id, PLACES)


def silenced(learner_id: int, *, now: datetime) -> tuple[Given, ...]:
    """Return what a learner hid or snoozed, newest first."""
    rows = Feedback.objects.filter(
        Q(until=None) | Q(until__gt=now), learner_id=learner_id, action__in=list(EVENTS)
    ).order_by("-at")
    return tuple(
        Given(Action(row.action), row.course_id, row.until, row.request_id) for row in rows
    )
