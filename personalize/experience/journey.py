"""What did a learner state and do, as a path is planned from it? (L5)"""

from dataclasses import replace

from personalize.agents.evidence import Facts, facts
from personalize.agents.wishes import Stated
from personalize.decision import standing
from personalize.experience.noted import Noted
from personalize.experience.people import Learner
from personalize.models import Profile
from signals import api as signals
from signals import catalogue
from signals.clock import now
from signals.data import Touch

BEGUN = frozenset({Touch.ENROLLED, Touch.STARTED})


def noted_of(learner: Learner) -> Noted:
    """Return what a learner's profile states, as the questions at the start ask it."""
    return of_profile(standing.profile(learner.learner_id))


def stated_by(held: Profile, language: str) -> Stated:
    """Return what a profile states, for pages in a language."""
    return replace(of_profile(held).stated(language), reads=tuple(held.languages))


def of_profile(held: Profile) -> Noted:
    """Return a profile as answers; a question with an answer is behind."""
    told = Noted(
        field="" if held.role else held.goal,
        role=held.role,
        skills=() if held.role else tuple(held.interests),
        known=tuple(held.known_skills),
        minutes=held.minutes_per_week,
        by_when=held.by_when.isoformat() if held.by_when else "",
    )
    answered = {
        "goal": bool(told.role or told.field or told.skills),
        "known": bool(told.known),
        "time": bool(told.minutes),
        "when": bool(told.by_when),
    }
    for name, is_there in answered.items():
        told = told.past(name) if is_there else told
    return told


def facts_of(learner: Learner) -> Facts:
    """Return what a learner did, in two statements; nothing where that may not be used.

    Raises django.db.Error.
    """
    state = signals.learner_state(learner.learner_id, now=now())
    if state is None or not state.allowed.personalization:
        return Facts()
    touched = dict(zip(state.course_ids.tolist(), state.touches.tolist(), strict=True))
    return facts(
        catalogue.courses(touched),
        finished=[c for c, touch in touched.items() if touch == Touch.COMPLETED],
        begun=[c for c, touch in touched.items() if touch in BEGUN],
        states=signals.module_states(learner.learner_id),
    )
