"""What guides a learner on their first page? (L5) One thing at a time: the tour, else a word.

The tour and tips open by an experiment; what was done since last time is told to everybody whose
progress may be used.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.urls import reverse

from personalize.data import Recommendation
from personalize.decision.standing import Standing
from personalize.experience.guidance import visits
from personalize.experience.guidance.since import Since, since
from personalize.experience.guidance.tips import Tip, tip
from personalize.experience.guidance.tour import Step, tour
from personalize.experience.opening import is_open
from personalize.models import Guide
from signals import api as signals
from signals.data import UNDER_13, LearnerState, Touch

NEWCOMER_COURSES = 3  # who touched more, or finished one, needs no tour
DISMISSED = "tour"


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a page shows of it; at most one of tour, since and tip is there."""

    steps: tuple[Step, ...] = ()
    since: Since | None = None
    tip: Tip | None = None


def guidance(
    learner_id: int, answer: Recommendation, said: Standing, *, quiet: bool, now: datetime
) -> Guidance:
    """Return what guides a learner now; nothing while that cannot be read.

    `quiet`: the page says something already, so only the visit is kept.
    """
    try:
        state = signals.learner_state(learner_id, now=now)
        if state is None or state.age_band == UNDER_13 or not state.allowed.personalization:
            return Guidance()
        held = visits.note(learner_id, now=now)
        if held is None or quiet:
            return Guidance()
        return _guidance(state, held, answer, said, now=now)
    except DatabaseError:
        return Guidance()


def _guidance(
    state: LearnerState, held: Guide, answer: Recommendation, said: Standing, *, now: datetime
) -> Guidance:
    steps = _tour(state, held, answer, said)
    if steps and is_open("guidance", state.learner_id, now=now):
        return Guidance(steps=steps)
    told = _since(state, held, now=now)
    if told is not None:
        return Guidance(since=told)
    if held.before_at is None or not answer.items:  # no tip in somebody's very first minutes
        return Guidance()
    spoke = bool(said.refused or said.snoozed or said.more)
    found = tip(spoke=spoke, gone=held.tips)
    if found is None or not is_open("guidance", state.learner_id, now=now):
        return Guidance()
    return Guidance(tip=found)


def _tour(
    state: LearnerState, held: Guide, answer: Recommendation, said: Standing
) -> tuple[Step, ...]:
    done = (state.touches == Touch.COMPLETED).any()
    if held.closed_at is not None or done or len(state.touches) > NEWCOMER_COURSES:
        return ()
    href = ""
    if answer.items and answer.learner_id == state.learner_id:
        href = reverse("experience:why", args=[answer.request_id, answer.items[0].course_id])
    return tour(
        goal=bool(said.goal or said.interests),
        opened=len(state.touches) > 0,
        why=held.why_at is not None,
        why_href=href,
    )


def _since(state: LearnerState, held: Guide, *, now: datetime) -> Since | None:
    """Return what was done since the visit before, to who had begun something by then."""
    if held.before_at is None:
        return None
    states = signals.module_states(state.learner_id)
    told = since(states, before=held.before_at, now=now)
    return told if any(one.completed_at is not None for one in states) else None
