"""A source with an objective, for tests of silence and completeness."""

from datetime import datetime, timedelta

from signals import api
from signals.data import Actor, ActorKind, NewEvent, Objective, SourceState
from signals.derive.rollups import roll_up
from signals.models import Source
from tests.factories import moment, new_course, new_learner, pages_source
from tests.rollups import roll_up_to_here

BEAT = timedelta(minutes=1)
UMA = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
HOURLY = Objective(
    every_minutes=60, complete_share=0.98, owner="Data team", next_step="Look at the cron job."
)


def promised() -> str:
    """Return the name of the source of our own pages, which promises an event an hour."""
    source = Source.objects.get(pk=pages_source())
    Source.objects.filter(pk=source.pk).update(created_at=moment(days=60))
    api.set_objective(UMA, source.name, HOURLY, reason="It does", now=moment())
    return source.name


def visit(at: datetime) -> None:
    """Let a learner open a course on our pages, and the clock count it a beat later."""
    course = new_course(f"c{at:%H%M%S}")
    event = NewEvent("course.viewed", new_learner(), at, course_id=course.course_id)
    api.record([event], now=at)
    roll_up_to_here(now=at + BEAT)


def state(name: str, *, at: datetime) -> SourceState:
    """Return how a source does, with the count at work by then."""
    roll_up(now=at)
    return next(state for state in api.source_states(now=at) if state.name == name)
