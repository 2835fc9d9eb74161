"""Which courses do the learners of a lab live among? A made catalogue, the same every time (pure).

Eight fields of three tracks, each four courses long; a track may need a course of another track or
field first. Beside them short courses that belong to no track and need nothing: what glitters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIELDS = ("Data", "Health", "Design", "Business", "Languages", "Craft", "Programming", "Science")
TRACKS, STEPS = 3, 4  # of a field, of a track
SHORTS = 8  # of a field, outside the tracks
LEVELS = ("beginner", "intermediate", "intermediate", "advanced")
MODULES = (5, 6, 7, 8)  # by step of the track
MODULE_MINUTES = (14.0, 16.0, 18.0, 20.0)
SHORT_MODULES, SHORT_MINUTES = 3, 8.0
FAR_FIELD = 3  # the second half of a goal lies so many fields further on

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Courses:
    """All courses as parallel arrays; goals are rows of `routes`."""

    keys: tuple[str, ...]
    field: Ints
    step: Ints  # in the track, 0 for short ones
    short: Mask
    modules: Ints
    minutes: Floats  # of a module
    needs: Mask  # (course, prerequisite)
    routes: Mask  # (goal, course): everything that leads to the goal

    @property
    def n(self) -> int:
        """Return how many there are."""
        return len(self.keys)


def build(*, alike: bool = False) -> Courses:
    """Return the catalogue of a lab; alike: no course needs another or is longer than another."""
    tracked = [
        (field, track, step)
        for field in range(len(FIELDS))
        for track in range(TRACKS)
        for step in range(STEPS)
    ]
    shorts = [(field, number) for field in range(len(FIELDS)) for number in range(SHORTS)]
    keys = [f"{FIELDS[f].lower()}-{'abc'[t]}{s + 1}" for f, t, s in tracked]
    keys += [f"{FIELDS[f].lower()}-short-{number + 1}" for f, number in shorts]
    steps = np.array([s for _, _, s in tracked] + [0] * len(shorts))
    short = np.arange(len(keys)) >= len(tracked)
    needs = _needs(tracked, len(keys))
    if alike:
        needs[:], steps[:], short = False, 0, np.zeros(len(keys), bool)
    return Courses(
        keys=tuple(keys),
        field=np.array([f for f, _, _ in tracked] + [f for f, _ in shorts]),
        step=steps,
        short=short,
        modules=np.where(short, SHORT_MODULES, np.array(MODULES)[steps]),
        minutes=np.where(short, SHORT_MINUTES, np.array(MODULE_MINUTES)[steps]),
        needs=needs,
        routes=_routes(tracked, needs),
    )


def _at(field: int, track: int, step: int) -> int:
    return ((field % len(FIELDS)) * TRACKS + track) * STEPS + step


def _needs(tracked: list[tuple[int, int, int]], n: int) -> Mask:
    needs = np.zeros((n, n), dtype=bool)
    for field, track, step in tracked:
        own = _at(field, track, step)
        if step:
            needs[own, own - 1] = True
        if track == 1 and step == 2:
            needs[own, _at(field, 0, 0)] = True
        if track == 2 and step == 1:
            needs[own, _at(field + 1, 0, 0)] = True
    return needs


def _routes(tracked: list[tuple[int, int, int]], needs: Mask) -> Mask:
    """Return the goals: the end of a track, with the beginning of another field's track."""
    routes = []
    for field, track, step in tracked:
        if step == STEPS - 1:
            wanted = np.zeros(len(needs), dtype=bool)
            wanted[[_at(field, track, step), _at(field + FAR_FIELD, (track + 1) % TRACKS, 1)]] = 1
            for _ in range(STEPS):
                wanted |= needs[wanted].any(axis=0)
            routes.append(wanted)
    return np.array(routes)
