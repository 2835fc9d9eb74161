"""What becomes of the courses at hand while a visit lasts? All visitors at once (demo; pure)."""

from dataclasses import dataclass

import numpy as np

from demo.lab.courses import FIELDS, Courses, Floats, Ints
from demo.lab.events import Diary, Kind
from demo.lab.people import People

PASS, GIVE_UP = 0.45, 0.3  # a score that felt like failing; chance of leaving the course then
DIFFICULTY = (0.0, 0.08, 0.16, 0.22)  # by step of the track
SPREAD = 0.15
TIRING = 0.06
WEARY, LIVELY = 0.05, 0.98
TESTED_EVERY = 3  # modules
ROUNDS = 12  # modules somebody can get through in one visit
ENOUGH = 2  # courses of a field, for the curious


@dataclass(slots=True)
class Visits:
    """Who is here today, each once; arrays are parallel."""

    who: Ints
    second: Floats  # moves on as things take time
    minutes: Floats  # left
    goal: Ints


def study(
    people: People, courses: Courses, visits: Visits, diary: Diary, rng: np.random.Generator
) -> None:
    """Work on the courses at hand while time lasts, the one furthest along first, mostly."""
    before = people.done[visits.who].sum(axis=1)
    for _ in range(ROUNDS):
        rows = np.flatnonzero((visits.minutes > 0) & people.open[visits.who].any(axis=1))
        if not len(rows):
            break
        _one_module(people, courses, visits, rows, diary, rng)
    finished = visits.who[people.done[visits.who].sum(axis=1) > before]
    _go_along(people, courses, finished)


def _one_module(
    people: People,
    courses: Courses,
    visits: Visits,
    rows: Ints,
    diary: Diary,
    rng: np.random.Generator,
) -> None:
    who = visits.who[rows]
    open_now = people.open[who]
    along = np.where(open_now, 1 + people.progress[who] + rng.random(open_now.shape), 0.0)
    course = along.argmax(axis=1)
    module = people.progress[who, course]
    needed = courses.minutes[course] * rng.uniform(0.8, 1.5, len(who))
    spent = np.minimum(needed, visits.minutes[rows])
    diary.note(Kind.STARTED, who, visits.second[rows], course=course, module=module)
    visits.second[rows] += spent * 60
    visits.minutes[rows] -= spent
    people.week_used[who] += spent
    whole = spent >= needed
    cut = ~whole
    diary.note(
        Kind.PROGRESSED,
        who[cut],
        visits.second[rows][cut],
        course=course[cut],
        module=module[cut],
        value=(spent / needed)[cut],
    )
    _finish(people, courses, visits, rows[whole], course[whole], diary, rng)


def _finish(
    people: People,
    courses: Courses,
    visits: Visits,
    rows: Ints,
    course: Ints,
    diary: Diary,
    rng: np.random.Generator,
) -> None:
    """Finish a module each: learn, be tested now and then, and perhaps complete the course."""
    who, module = visits.who[rows], people.progress[visits.who[rows], course]
    diary.note(Kind.FINISHED, who, visits.second[rows], course=course, module=module)
    people.progress[who, course] += 1
    people.tired[who, courses.field[course]] += TIRING
    score = _scores(people, courses, who, course, rng)
    gained = (0.5 + 0.5 * score) / courses.modules[course]
    people.mastery[who, course] = np.minimum(1.0, people.mastery[who, course] + gained)
    last = people.progress[who, course] == courses.modules[course]
    tested = last | (people.progress[who, course] % TESTED_EVERY == 0)
    visits.second[rows[tested]] += 90
    diary.note(
        Kind.SCORED,
        who[tested],
        visits.second[rows[tested]],
        course=course[tested],
        module=module[tested],
        value=score[tested],
    )
    failed = tested & (score < PASS)
    _feel(people, who, np.where(failed, -0.07, np.where(tested, 0.02, 0.0)))
    leaves = failed & (rng.random(len(who)) < GIVE_UP)
    people.left[who[leaves], course[leaves]] = True
    diary.note(Kind.LEFT, who[leaves], visits.second[rows[leaves]] + 30, course=course[leaves])
    ends = last & ~leaves
    people.done[who[ends], course[ends]] = True
    diary.note(Kind.COMPLETED, who[ends], visits.second[rows[ends]] + 5, course=course[ends])
    useful = courses.routes[visits.goal[rows], course]
    _feel(people, who, np.where(ends, np.where(useful, 0.06, 0.02), 0.0))
    people.open[who[ends | leaves], course[ends | leaves]] = False


def _scores(
    people: People, courses: Courses, who: Ints, course: Ints, rng: np.random.Generator
) -> Floats:
    """Return quiz shares: ability helps, missing prerequisites hurt."""
    needs = courses.needs[course]
    ready = np.where(needs, people.mastery[who], 1.0).min(axis=1)
    mean = 0.25 + 0.4 * people.ability[who] + 0.32 * ready
    mean -= np.array(DIFFICULTY)[courses.step[course]]
    found: Floats = np.clip(rng.normal(mean, SPREAD), 0.0, 1.0)
    return found


def _feel(people: People, who: Ints, change: Floats) -> None:
    people.motivation[who] = np.clip(people.motivation[who] + change, WEARY, LIVELY)


def _go_along(people: People, courses: Courses, who: Ints) -> None:
    """Whoever has done enough in the field of their trail goes on to the next."""
    here = people.trails[people.trail[who], people.on_trail[who] % len(FIELDS)]
    done = (people.done[who] & (courses.field == here[:, None])).sum(axis=1)
    people.on_trail[who[done >= ENOUGH]] += 1
