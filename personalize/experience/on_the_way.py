"""Where on their path is a learner, or are they asked the first questions? (L5) For home."""

from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError

from personalize.experience import journey, kept_paths
from personalize.experience.opening import is_open
from personalize.experience.people import Learner
from signals import catalogue
from signals.data import CourseInfo


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Which step of a path comes next, of how many."""

    step: int
    steps: int
    course: CourseInfo


def on_the_way(learner: Learner, *, now: datetime) -> OnTheWay | None:
    """Return the step that comes next; nothing without a path, or where it is not open."""
    try:
        if not kept_paths.has_one(learner.learner_id):
            return None
        if not is_open("path", learner.learner_id, now=now):
            return None
        finished = journey.facts_of(learner).finished
        found = kept_paths.step_of(learner.learner_id, finished)
        course = catalogue.course(found[2]) if found else None
    except DatabaseError:
        return None
    return OnTheWay(found[0], found[1], course) if found and course else None


def invited(learner: Learner, *, now: datetime) -> bool:
    """Say whether somebody without a goal is offered the questions of the start."""
    return is_open("onboarding", learner.learner_id, now=now)
