"""Events for the tests of what is derived from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from signals import api
from signals.data import CourseInfo, NewEvent
from signals.request_ids import Arm

SURFACES = (1, 2)
ARMS = (Arm.PERSONAL, Arm.GENERIC, Arm.HOLDOUT)


def answering(
    learner_id: int | None, at: datetime, *, surface: int = 1, arm: Arm = Arm.PERSONAL
) -> dict[str, object]:
    """Return the context of an event that belongs to a new list of a learner."""
    made = api.new_request_id(at=at, surface=surface, arm=arm, learner_id=learner_id)
    return {"request_id": str(made)}


def store(events: Sequence[NewEvent], *, now: datetime) -> None:
    """Record events and insist that all are kept."""
    result = api.record(events, now=now)
    assert result.accepted == len(events), result


def search(learner_id: int, query: str, at: datetime, *, found: int = 0) -> NewEvent:
    """Return a search with how much it found."""
    said = {"query": query}
    return NewEvent("search.performed", learner_id, at, value=float(found), context=said)


def a_busy_fortnight(
    learners: Sequence[int], course: CourseInfo, modules: Sequence[int], *, end: datetime
) -> list[NewEvent]:
    """Return random events of the fourteen days before `end`; about ten a learner."""
    rng = np.random.default_rng(7)
    lists = [_a_list(int(one), course, end, rng) for one in np.repeat(learners, 3)]
    lessons = [
        NewEvent(
            "lesson.completed",
            learner,
            _some_time(end, rng),
            course_id=course.course_id,
            module_id=int(rng.choice(modules)),
        )
        for learner in learners
        for _ in range(int(rng.integers(0, 4)))
    ]
    return [event for events in lists for event in events] + lessons


def _some_time(end: datetime, rng: np.random.Generator) -> datetime:
    return end - timedelta(minutes=float(rng.uniform(0, 14 * 1440)))


def _a_list(
    learner: int, course: CourseInfo, end: datetime, rng: np.random.Generator
) -> list[NewEvent]:
    """Return what one learner did with one list; each step happens or not."""
    at, course_id = _some_time(end, rng), course.course_id
    surface, arm = int(rng.choice(SURFACES)), ARMS[rng.integers(len(ARMS))]
    led = answering(learner, at, surface=surface, arm=arm)
    stars = float(rng.integers(1, 6))
    possible = (
        NewEvent("rec.clicked", learner, at, course_id=course_id, context=led),
        NewEvent("course.enrolled", learner, at, course_id=course_id, context=led),
        NewEvent("course.enrolled", learner, _some_time(end, rng), course_id=course_id),
        NewEvent("course.completed", learner, at, course_id=course_id),
        NewEvent("course.rated", learner, at, course_id=course_id, value=stars),
    )
    happened = rng.random(len(possible)) < 0.5
    done = [event for event, yes in zip(possible, happened, strict=True) if yes]
    return [NewEvent("rec.shown", learner, at, context=led), *done]
