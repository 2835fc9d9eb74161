"""What happened in a lab, as columns, and as the bodies the product takes (demo; pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from demo.lab.courses import Courses, Floats, Ints


class Kind(IntEnum):
    """Which event; NAMES are the product's words."""

    SHOWN = 0
    CLICKED = 1
    VIEWED = 2
    ENROLLED = 3
    STARTED = 4
    PROGRESSED = 5
    FINISHED = 6
    SCORED = 7
    COMPLETED = 8
    LEFT = 9


NAMES = (
    "rec.shown",
    "rec.clicked",
    "course.viewed",
    "course.enrolled",
    "lesson.started",
    "lesson.progressed",
    "lesson.completed",
    "quiz.scored",
    "course.completed",
    "course.unenrolled",
)
NONE = -1
Column = NDArray[Any] | int | float


@dataclass(frozen=True, slots=True)
class Events:
    """One day's events, in the order of time; all arrays are parallel."""

    learner: Ints
    kind: Ints
    course: Ints  # NONE where it is about none
    module: Ints  # 0-based in the course, NONE where it is about none
    second: Floats  # into the day
    value: Floats  # nan for none
    slate: Ints  # row of the day's lists it belongs to, NONE for none

    def of(self, kind: Kind) -> "Events":
        """Return those of one kind."""
        rows = self.kind == kind
        return Events(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass
class Diary:
    """Notes columns and puts them together."""

    columns: list[tuple[NDArray[Any], ...]] = field(default_factory=list)

    def note(
        self,
        kind: Kind,
        learner: Ints,
        second: Floats,
        *,
        course: Column = NONE,
        module: Column = NONE,
        value: Column = np.nan,
        slate: Column = NONE,
    ) -> None:
        """Note one event a learner."""
        told = (learner, int(kind), course, module, second, value, slate)
        self.columns.append(tuple(np.broadcast_to(column, learner.shape) for column in told))

    def events(self) -> Events:
        """Return everything in the order of time; of one moment as it was noted."""
        if not self.columns:
            none, zero = np.zeros(0, np.int64), np.zeros(0)
            return Events(none, none, none, none, zero, zero, none)
        whole = [np.concatenate(column) for column in zip(*self.columns, strict=True)]
        order = np.argsort(whole[4], kind="stable")
        return Events(*(column[order] for column in whole))


@dataclass(frozen=True, slots=True)
class Sender:
    """What turns a day's columns into events with ids that are the same each time."""

    courses: Courses
    names: Sequence[str]  # of learners, as the platform calls them
    namespace: UUID

    def bodies(
        self, events: Events, *, day: int, begin: datetime, requests: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return a day's events; `requests` are the ids of its lists."""
        columns = (getattr(events, name).tolist() for name in Events.__slots__)
        return [
            self._body(place, row, day, begin, requests)
            for place, row in enumerate(zip(*columns, strict=True))
        ]

    def _body(
        self, place: int, row: tuple[Any, ...], day: int, begin: datetime, requests: Sequence[str]
    ) -> dict[str, Any]:
        learner, kind, course, module, second, value, slate = row
        key = self.courses.keys[course] if course != NONE else None
        name = self.names[learner]
        return {
            "id": str(uuid5(self.namespace, f"{day}/{place}/{name}")),
            "kind": NAMES[kind],
            "learner": name,
            "course": key,
            "module": f"{key}/{module + 1}" if module != NONE else None,
            "occurred_at": (begin + timedelta(seconds=second)).isoformat(),
            "session": f"{name}/{day}",
            "value": None if np.isnan(value) else round(value, 2),
            "context": {"request_id": requests[slate]} if slate != NONE else {},
        }
