"""A made-up platform of any size: courses in fields, learners who stay near their own.

Only its volume and its skew matter here; nothing about quality is measured on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from signals import sealing
from signals.models import Course

FIELDS = 50
MEAN_HISTORY = 8
LONGEST_HISTORY = 60
AT_HOME = 0.8  # share of choices inside the learner's own field


@dataclass(frozen=True, slots=True)
class Choices:
    """Who chose what: parallel arrays sorted by learner, then time; courses are 0-based."""

    learners: NDArray[np.int32]
    courses: NDArray[np.int32]
    days: NDArray[np.float64]  # before now, descending within a learner


def draw(rng: np.random.Generator, *, learners: int, courses: int) -> Choices:
    """Draw histories: popularity falls like 1 / rank inside a field, nothing is chosen twice."""
    lengths = np.clip(rng.geometric(1 / MEAN_HISTORY, learners), 1, LONGEST_HISTORY)
    who = np.repeat(np.arange(learners, dtype=np.int32), lengths)
    per_field = max(courses // FIELDS, 1)
    home = rng.integers(FIELDS, size=learners)[who]
    field = np.where(rng.random(len(who)) < AT_HOME, home, rng.integers(FIELDS, size=len(who)))
    rank = np.floor(np.exp(rng.random(len(who)) * np.log(per_field + 1))).astype(np.int64) - 1
    chosen = ((field % FIELDS) + rank * FIELDS) % courses
    unique = np.unique(who.astype(np.int64) * courses + chosen)
    who = (unique // courses).astype(np.int32)
    days = rng.uniform(0.1, 300, len(unique))
    order = np.lexsort((-days, who))
    return Choices(who[order], (unique % courses).astype(np.int32)[order], days[order])


def store_courses(count: int, *, now: datetime) -> list[int]:
    """Make the catalogue and return its course_ids in order."""
    Course.objects.bulk_create(
        (
            Course(
                external_id=f"course-{n}",
                slug=f"course-{n}",
                title=f"Course number {n}",
                field=f"Field {n % FIELDS}",
                level=("beginner", "intermediate", "advanced")[n % 3],
                minutes=120,
                created_at=now,
                updated_at=now,
            )
            for n in range(count)
        ),
        batch_size=2000,
    )
    rows = Course.objects.filter(external_id__startswith="course-").values_list("external_id", "id")
    ids = dict(rows)
    return [ids[f"course-{n}"] for n in range(count)]


def store_learners(count: int, *, now: datetime) -> None:
    """Make learners 1..count with real lookups; their sealed names are never read here."""
    _copy(
        "signals_learner (learner_id, kind, age_band, language, created_at)",
        ["int8", "text", "text", "text", "timestamptz"],
        ((n + 1, "real", "", "", now) for n in range(count)),
    )
    _copy(
        "signals_identity (lookup, learner_id, sealed)",
        ["bytea", "int8", "bytea"],
        ((sealing.lookup(f"learner-{n}"), n + 1, b"\0" * 60) for n in range(count)),
    )


def store_history(choices: Choices, course_ids: list[int], *, now: datetime) -> None:
    """Make the compact histories; every third course is completed."""
    ids = np.array(course_ids)[choices.courses].tolist()
    rows = zip(choices.learners.tolist(), ids, choices.days.tolist(), strict=True)

    def built() -> Iterator[tuple[object, ...]]:
        for n, (learner, course_id, days) in enumerate(rows):
            at = now - timedelta(days=days)
            yield (learner + 1, course_id, at, at if n % 3 == 0 else None, at, False, 1)

    _copy(
        "signals_learnercourse"
        " (learner_id, course_id, enrolled_at, completed_at, last_at, mandatory, events)",
        ["int8", "int4", "timestamptz", "timestamptz", "timestamptz", "bool", "int4"],
        built(),
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _copy(target: str, types: list[str], rows: Iterator[tuple[object, ...]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as pipe,
    ):
        pipe.set_types(types)
        for row in rows:
            pipe.write_row(row)
