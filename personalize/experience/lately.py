"""How much did a learner do of late? (L5) Facts of the last four weeks, beside the plan."""

from datetime import datetime, timedelta

from personalize.experience.people import Learner
from signals import api as signals
from signals import catalogue

WEEKS = 4


def minutes_a_week(learner: Learner, *, now: datetime) -> int:
    """Return the minutes a week of the lessons completed in four weeks. Raises django.db.Error."""
    since = now - timedelta(weeks=WEEKS)
    done = [
        state
        for state in signals.module_states(learner.learner_id)
        if state.completed_at is not None and since < state.completed_at <= now
    ]
    minutes = {
        module.module_id: module.minutes
        for course_id in {state.course_id for state in done}
        for module in catalogue.modules(course_id)
    }
    return round(sum(minutes.get(state.module_id, 0) for state in done) / WEEKS)
