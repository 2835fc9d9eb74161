"""Histories of learners in which something of every metric happens, and how to count them slowly.

The oracles read plain lists of events: no SQL, no arrays, one learner at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from signals.data import CourseInfo, NewEvent
from signals.request_ids import read_request_id
from tests.signals.derive.happened import SURFACES, answering

HOME = SURFACES[0]
PASSIVE = {"rec.shown", "order.paid", "subscription.started", "subscription.ended"}
ABOUT_LISTS = {"rec.shown", "rec.clicked", "rec.dismissed", "rec.snoozed", "course.enrolled"}
LEARNING = {
    "course.enrolled",
    "lesson.started",
    "lesson.progressed",
    "lesson.completed",
    "quiz.scored",
    "live.joined",
}


@dataclass(frozen=True)
class Part:
    """What one learner did in one window: events, switches turned, and when they were exposed."""

    events: Sequence[NewEvent]
    exposed_at: datetime
    switched: int = 0

    def of(self, *kinds: str) -> list[NewEvent]:
        return [e for e in self.events if e.kind in kinds]

    def lists(self, *kinds: str) -> set[str]:
        return {request(e) for e in self.of(*kinds) if request(e) and surface(e) == HOME}

    @property
    def here(self) -> list[NewEvent]:
        return [e for e in self.events if e.kind not in PASSIVE]


Number = Callable[[Part], float | None]


@dataclass(frozen=True)
class Oracle:
    """Value and base of a metric; `before` where the time before is counted in another way."""

    value: Number
    base: Number = field(default=lambda part: 1.0)
    before: Number | None = None
    waits: bool = True


def request(event: NewEvent) -> str:
    return str((event.context or {}).get("request_id", ""))


def surface(event: NewEvent) -> int:
    return read_request_id(UUID(request(event)))[1]


def days(events: Sequence[NewEvent]) -> set[object]:
    return {e.occurred_at.date() for e in events}


def clicks(part: Part) -> list[NewEvent]:
    return [e for e in part.of("rec.clicked") if surface(e) == HOME]


def ctr(part: Part) -> float | None:
    seen = part.lists("rec.shown", "rec.clicked")
    return len(part.lists("rec.clicked")) / len(seen) if seen else None


def activated(part: Part) -> float:
    soon = part.exposed_at + timedelta(minutes=5)
    return float(any(e.kind in LEARNING and e.occurred_at < soon for e in part.events))


def present(part: Part) -> float:
    return float(bool(part.here))


def came_back(part: Part) -> float:
    return float(any(day > part.exposed_at.date() for day in days(part.here)))  # type: ignore[operator]


def paid(part: Part) -> float:
    told = [(e.value or 0.0, (e.context or {}).get("currency", "EUR")) for e in part.of(*PAYMENTS)]
    return sum(amount for amount, currency in told if currency == "EUR")


PAYMENTS = ("order.paid", "subscription.started")

ORACLES: dict[str, Oracle] = {
    "ctr": Oracle(ctr, waits=False),
    "acceptance": Oracle(
        lambda part: len(part.lists("course.enrolled")), lambda part: len(part.lists(*ABOUT_LISTS))
    ),
    "repeat_engagement": Oracle(
        lambda part: len(days(clicks(part))) > 1, lambda part: bool(clicks(part))
    ),
    "not_for_me": Oracle(
        lambda part: len(part.lists("rec.dismissed")), lambda part: len(part.lists(*ABOUT_LISTS))
    ),
    "enrolments": Oracle(lambda part: len({e.course_id for e in part.of("course.enrolled")})),
    "modules_completed": Oracle(
        lambda part: len({e.module_id for e in part.of("lesson.completed")})
    ),
    "courses_completed": Oracle(
        lambda part: len({e.course_id for e in part.of("course.completed")})
    ),
    "quiz_score": Oracle(
        lambda part: sum(e.value or 0.0 for e in part.of("quiz.scored")),
        lambda part: len(part.of("quiz.scored")),
    ),
    "satisfaction": Oracle(
        lambda part: sum(e.value or 0.0 for e in part.of("course.rated")),
        lambda part: len(part.of("course.rated")),
    ),
    "activation": Oracle(activated, before=present),
    **{f"retention_d{day}": Oracle(present) for day in (7, 30, 90, 180)},
    "return": Oracle(came_back, before=present),
    "active_days": Oracle(lambda part: len(days(part.here))),
    "revenue": Oracle(paid),
    "preference_edits": Oracle(
        lambda part: part.switched + len(part.of("rec.dismissed", "rec.snoozed"))
    ),
}


def histories(
    exposures: dict[int, datetime], courses: Sequence[CourseInfo], modules: Sequence[int]
) -> list[NewEvent]:
    """Return what learners did in the weeks around their exposure; about thirty events each."""
    rng = np.random.default_rng(11)
    return [
        event
        for learner, at in exposures.items()
        for event in (
            *_lists(learner, at, courses, rng),
            *_learning(learner, at, courses, modules, rng),
            *_orders(learner, at, rng),
        )
    ]


def _when(at: datetime, rng: np.random.Generator) -> datetime:
    """Return a moment around the exposure: often right after it, seldom more than a week away."""
    if rng.random() < 0.15:
        return at + timedelta(minutes=float(rng.uniform(0, 12)))
    return at + timedelta(days=float(rng.uniform(-9, 9)))


def _lists(
    learner: int, at: datetime, courses: Sequence[CourseInfo], rng: np.random.Generator
) -> list[NewEvent]:
    found: list[NewEvent] = []
    for _ in range(int(rng.integers(0, 9))):
        then, course = _when(at, rng), int(rng.choice([c.course_id for c in courses]))
        context = answering(learner, then, surface=int(rng.choice(SURFACES)))
        kinds = ("rec.clicked", "course.enrolled", "rec.dismissed", "rec.snoozed")
        done = [kind for kind in kinds if rng.random() < 0.4]
        found.append(NewEvent("rec.shown", learner, then, context=context))
        found += [
            NewEvent(kind, learner, then + timedelta(hours=n), course_id=course, context=context)
            for n, kind in enumerate(done)
        ]
    return found


def _learning(
    learner: int,
    at: datetime,
    courses: Sequence[CourseInfo],
    modules: Sequence[int],
    rng: np.random.Generator,
) -> list[NewEvent]:
    course = courses[0].course_id
    any_course = [c.course_id for c in courses]
    found = [
        NewEvent(
            kind, learner, _when(at, rng), course_id=course, module_id=int(rng.choice(modules))
        )
        for kind in ("lesson.started", "lesson.completed", "lesson.completed")
        if rng.random() < 0.6
    ]
    for kind, low, high in (("quiz.scored", 0.0, 1.0), ("course.rated", 1.0, 5.0)):
        found += [
            NewEvent(
                kind,
                learner,
                _when(at, rng),
                course_id=int(rng.choice(any_course)),
                value=float(rng.uniform(low, high)),
            )
            for _ in range(int(rng.integers(0, 3)))
        ]
    for kind in ("course.completed", "course.viewed", "course.enrolled"):
        if rng.random() < 0.5:
            course_id = int(rng.choice(any_course))
            found.append(NewEvent(kind, learner, _when(at, rng), course_id=course_id))
    return found


def _orders(learner: int, at: datetime, rng: np.random.Generator) -> list[NewEvent]:
    contexts = ({"currency": "EUR"}, {"currency": "USD"}, None)
    return [
        NewEvent(
            str(rng.choice(PAYMENTS)),
            learner,
            _when(at, rng),
            value=float(rng.lognormal(3, 1)),
            context=contexts[int(rng.integers(3))],
        )
        for _ in range(int(rng.integers(0, 3)))
    ]
