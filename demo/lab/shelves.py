"""How do the courses of a lab stand in a catalogue that people can read? (demo; pure)"""

import numpy as np

from demo.catalogue import Course, Module
from demo.lab.courses import FIELDS, LEVELS, STEPS, TRACKS, Courses, build
from demo.lab.truths import ALIKE

NUMBERS = ("one", "two", "three", "four")
TRACK_NAMES = ("first path", "second path", "third path")
PROVIDER = "A made world"
TEXT = (
    "Part {part} of {title}. This course is made: its learners are simulated, and so is what it is."
)


def of(truth: str) -> tuple[Course, ...]:
    """Return the catalogue of a truth's lab."""
    return catalogue(build(alike=truth in ALIKE))


def catalogue(courses: Courses) -> tuple[Course, ...]:
    """Return every course with its modules; module n of a course is called `course/n`."""
    titles = [_title(courses, place) for place in range(courses.n)]
    return tuple(_course(courses, place, titles) for place in range(courses.n))


def _title(courses: Courses, place: int) -> str:
    field, tracked = FIELDS[courses.field[place]], len(FIELDS) * TRACKS * STEPS
    if place >= tracked:
        return f"{field} in short, {int(courses.keys[place].rpartition('-')[2])}"
    track, step = divmod(place % (TRACKS * STEPS), STEPS)
    return f"{field}, {TRACK_NAMES[track]}, step {NUMBERS[step]}"


def _course(courses: Courses, place: int, titles: list[str]) -> Course:
    key, title = courses.keys[place], titles[place]
    needs = np.flatnonzero(courses.needs[place]).tolist()
    after = " It builds on " + " and ".join(titles[need] for need in needs) + "." if needs else ""
    modules = tuple(
        Module(
            key=f"{key}/{part}",
            position=part,
            title=f"Part {part}",
            minutes=int(courses.minutes[place]),
            format="video",
            text=TEXT.format(part=part, title=title),
        )
        for part in range(1, int(courses.modules[place]) + 1)
    )
    return Course(
        key=key,
        title=title,
        field=FIELDS[courses.field[place]],
        level=LEVELS[courses.step[place]],
        language="en",
        provider=PROVIDER,
        summary=f"{len(modules)} parts of {int(courses.minutes[place])} minutes.{after}",
        skills=(),
        prerequisites=tuple(courses.keys[need] for need in needs),
        modules=modules,
    )
