"""Made-up lives of one learner, for the tests of what is computed from events."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import numpy as np

from signals.processing.activity import Activity, Group, Surroundings
from signals.processing.normalize import Stored, normalize

# Made-up kinds: what matters is what they mean.
VIEWED, CLICKED, ENROLLED, STARTED, DONE, COURSE_DONE, SCORED, WATCHED, SEEKED, SHOWN = range(1, 11)
GROUPS = {
    VIEWED: Group.ACTION | Group.LIGHT,
    CLICKED: Group.ACTION | Group.LIGHT,
    ENROLLED: Group.ACTION | Group.ENROLLED,
    STARTED: Group.ACTION | Group.LESSON_STARTED,
    DONE: Group.ACTION | Group.LESSON_DONE,
    COURSE_DONE: Group.COURSE_DONE,
    SCORED: Group.ACTION | Group.SCORED,
    WATCHED: Group.WATCHED,
    SEEKED: Group.SEEKED,
    SHOWN: Group.NONE,
}
MONDAY = 1_767_571_200_000_000  # 2026-01-05 00:00 UTC, microseconds
FORMATS = {module: ("video", "article", "exercise", "quiz")[module % 4] for module in range(100)}
AROUND = Surroundings(
    course_minutes=dict.fromkeys(range(10), 300.0),
    module_minutes=dict.fromkeys(range(100), 30.0),
    module_formats=FORMATS,
)


def event(
    at_s: float,
    kind: int = VIEWED,
    *,
    course: int | None = None,
    module: int | None = None,
    value: float | None = None,
    source: int = 1,
    flags: int = 0,
    number: int | None = None,
) -> Stored:
    """Return an event so many seconds after Monday midnight; its id from all it says."""
    occurred = MONDAY + round(at_s * 1e6)
    said = hash((occurred, kind, course, module, value)) if number is None else number
    return Stored(
        occurred=occurred,
        source=source,
        id=UUID(int=said & (1 << 64) - 1).bytes,
        kind=kind,
        course=course,
        module=module,
        value=value,
        flags=flags,
    )


def activity(*events: Stored) -> Activity:
    """Return events as rules read them."""
    return normalize(events, groups=GROUPS)


def a_life(rng: np.random.Generator, *, events: int = 60) -> list[Stored]:
    """Return a random life: bursts and silences, ties, several sources, all kinds."""
    gaps = rng.choice([0.0, 0.4, 2.0, 20.0, 400.0, 1799.0, 1801.0, 40_000.0], size=events)
    moments = np.cumsum(gaps * rng.choice([1.0, 1.0, rng.random()], size=events))
    return [_random_event(float(at), number, rng) for number, at in enumerate(moments)]


def _random_event(at_s: float, number: int, rng: np.random.Generator) -> Stored:
    kind = int(rng.choice(list(GROUPS)))
    course = int(rng.integers(0, 10))
    value = {SCORED: round(float(rng.random()), 2), WATCHED: float(rng.integers(1, 4000))}
    value[SEEKED] = float(rng.choice([-1.0, 1.0]))
    return event(
        at_s,
        kind,
        course=None if kind == SHOWN else course,
        module=course * 10 + int(rng.integers(0, 10))
        if kind in (STARTED, DONE, SCORED, WATCHED, SEEKED)
        else None,
        value=value.get(kind),
        source=int(rng.integers(1, 3)),
        flags=int(rng.choice([0, 0, 0, 1, 4, 16])),
        number=number,
    )


def delivered(life: Iterable[Stored], rng: np.random.Generator) -> list[Stored]:
    """Return the same life as it may arrive: shuffled, parts of it twice and three times."""
    told = list(life)
    again = [told[place] for place in rng.integers(0, len(told), size=len(told) // 2)]
    copies = [replace(one) for one in (*told, *again)]
    return [copies[place] for place in rng.permutation(len(copies))]
