"""What do simulated learners do, without a server? The demo's behaviour in memory.

Lists are drawn at random among what the product could show, fields somebody has opened before
four times as often as others: nothing of the heads decides what they are judged by.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

import demo
from demo import behaviour, catalogue, learners, worlds
from demo.diary import Diary, Scene, Slate
from demo.learners import Learner, Visit
from demo.world import World, build

BEHAVIOUR = (  # what decides what a simulated learner does
    "behaviour.py",
    "catalogue.py",
    "choice.py",
    "diary.py",
    "finding.py",
    "learners.py",
    "studying.py",
    "world.py",
    "worlds.py",
)
SHOWN = 8
FAMILIAR = 4.0
NO_IDS = UUID(int=0)
EPOCH = datetime(2026, 8, 1, tzinfo=UTC)
DAY_S = 86_400.0
KINDS = {
    "course.viewed": 1,
    "lesson.started": 2,
    "course.enrolled": 3,
    "course.completed": 4,
    "course.unenrolled": 5,
    "lesson.progressed": 6,
    "lesson.completed": 6,
    "quiz.scored": 7,
}


def digest() -> str:
    """Return the SHA-256 of everything that decides what simulated learners do."""
    folder = Path(demo.__file__).parent
    paths = [folder / name for name in BEHAVIOUR]
    paths += sorted((folder / "courses").glob("*.md"))
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Past:
    """What happened: rows (learner, course, kind, days, value) and lists (learner, days, courses).

    Learners are numbered from 1, courses by their place in the sorted keys; -1 fills short lists.
    """

    rows: NDArray[np.float64]  # (n, 5)
    lists: NDArray[np.float64]  # (m, 2 + SHOWN)


class _Noting(Diary):
    """A diary that makes no ids: nobody receives these events."""

    def write(
        self,
        kind: str,
        course: str | None = None,
        *,
        module: str | None = None,
        value: float | None = None,
        **context: object,
    ) -> None:
        """Note what says something about a course."""
        if kind in KINDS and course is not None and not context.get("mandatory"):
            self.events.append(
                {"kind": KINDS[kind], "course": course, "at": self.at.timestamp(), "value": value}
            )


@dataclass(slots=True)
class _Known:
    """What the lists know of one learner, from events alone."""

    taken: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    able: tuple[str, ...] | None = None  # what a list may show; None: to be worked out


def play(*, n: int, days: int, first: int = 1, processes: int = 2) -> Past:
    """Let n learners live so many days; the same however many processes share the work."""
    edges = np.linspace(first, first + n, processes + 1).astype(int)
    parts = [(int(begin), int(end)) for begin, end in pairwise(edges)]
    if processes == 1:
        pasts = [_play(days, part) for part in parts]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            pasts = list(pool.map(partial(_play, days), parts))
    return Past(
        np.concatenate([past.rows for past in pasts]),
        np.concatenate([past.lists for past in pasts]),
    )


def the_world() -> World:
    """Return the courses simulated learners live among."""
    return build(catalogue.read_courses())


def _play(days: int, numbers: tuple[int, int]) -> Past:
    world = the_world()
    keys = sorted(world.courses)
    places = {key: place for place, key in enumerate(keys)}
    rows: list[tuple[float, ...]] = []
    lists: list[tuple[float, ...]] = []
    # learners.population draws them all: each has a generator of its own, so a part is the same.
    people = learners.population(world, n=numbers[1] - 1, days=days, seed=worlds.SEED, prefix="x")
    people = people[numbers[0] - 1 :]
    known = {person.number: _Known() for person in people}
    for visit, day in _visits(world, people, days):
        at = EPOCH + timedelta(days=day, seconds=visit.second)
        own = known[visit.learner.number]
        slate = _slate(world, visit, own, day)
        if slate:
            shown = [places[key] for key in slate.courses]
            fill = [-1] * (SHOWN - len(shown))
            lists.append((visit.learner.number, at.timestamp() / DAY_S, *shown, *fill))
        diary = _Noting("", "", at, NO_IDS)
        rng = learners.generator(worlds.SEED, visit.learner.number, day, 1)
        behaviour.live(Scene(world, visit, diary, rng), slate)
        for event in diary.events:
            _remember(own, world, event["course"], event["kind"])
            value = np.nan if event["value"] is None else event["value"]
            where = places[event["course"]]
            at_days = event["at"] / DAY_S
            rows.append((visit.learner.number, where, event["kind"], at_days, value))
    return Past(np.array(rows).reshape(-1, 5), np.array(lists).reshape(-1, 2 + SHOWN))


def _visits(world: World, people: list[Learner], days: int) -> Iterator[tuple[Visit, int]]:
    for day in range(days):
        weekday = (EPOCH + timedelta(days=day)).weekday()
        for visit in learners.visits(world, people, day=day, weekday=weekday, seed=worlds.SEED):
            yield visit, day


def _remember(own: _Known, world: World, key: str, kind: int) -> None:
    if kind == KINDS["course.enrolled"]:
        own.taken.add(key)
        own.able = None
    if kind in {KINDS["course.enrolled"], KINDS["course.viewed"]}:
        own.fields.add(world.courses[key].field)


def _slate(world: World, visit: Visit, own: _Known, day: int) -> Slate | None:
    """Draw a list of what is not taken yet and misses no prerequisite."""
    if not behaviour.wants_slate(visit.door):
        return None
    if own.able is None:
        own.able = tuple(
            key
            for key in sorted(world.courses.keys() - own.taken)
            if own.taken.issuperset(world.courses[key].prerequisites)
        )
    if not own.able:
        return None
    # The smallest of exponential variables with these rates are a weighted draw.
    rates = [FAMILIAR if world.courses[k].field in own.fields else 1.0 for k in own.able]
    rng = learners.generator(worlds.SEED, visit.learner.number, day, 2)
    order = np.argsort(rng.standard_exponential(len(rates)) / rates)
    return Slate("list", tuple(own.able[place] for place in order[:SHOWN].tolist()))
