"""What do learners like in each world? The truths that the product does not know (demo; pure).

None is in the family of a model that is trained on it: gates, minima, thresholds and states of mind
instead of dot products, and no weight between two courses.
"""

from collections.abc import Callable, Mapping

import numpy as np

from demo.lab.courses import FIELDS, Courses, Floats, Ints
from demo.lab.people import People

OFF_ROUTE, NOT_YET = 0.08, 0.3  # of a goal
READY = 0.45  # mastery of the weakest prerequisite from which a turn has come
UNREADY_FLOOR = 0.04  # even without prerequisites somebody tries
WEEKS_WANTED = 4.0  # a course that fits into so many weekly budgets is not too long
BORING, FAR_BEYOND = 0.6, 0.75  # a first step for somebody far beyond it
WORN_AFTER, WORN = 3.0, 0.85  # a card shown often wears out
TALKED, HEARD, UNHEARD = 1.0, 0.4, 0.05  # two or more in the circle took it lately, one, none
NEXT_FIELD, ELSEWHERE = 0.4, 0.06  # of the curious
NO_LONGER_NEW = 0.5  # a course of whose field two are done
BAIT, OTHER_BAIT = 0.95, 0.15  # short courses where they are made to be clicked

Truth = Callable[[People, Courses, Ints, Ints, np.random.Generator], Floats]
"""People, courses, who came, the goal each came with -> appeal 0..1 (who, course)."""


def readiness(people: People, courses: Courses, who: Ints) -> Floats:
    """Return 0..1: how well the weakest prerequisite is mastered now; 1 without any."""
    found = np.ones((len(who), courses.n))
    mastery = people.mastery[who]
    for course in np.flatnonzero(courses.needs.any(axis=1)).tolist():
        found[:, course] = mastery[:, courses.needs[course]].min(axis=1)
    return found


def _gates(people: People, courses: Courses, who: Ints, ready: Floats) -> Floats:
    """Return the product of what pulls a course down, however useful it would be."""
    long = courses.minutes * courses.modules
    fit = np.minimum(1.0, WEEKS_WANTED * people.weekly[who, None] / long)
    fresh = 1.0 / (1.0 + people.tired[who][:, courses.field])
    worn = WORN ** np.maximum(0.0, people.seen[who] - WORN_AFTER)
    easy = (people.ability[who, None] > FAR_BEYOND) & (courses.step == 0)
    closed = people.done[who] | people.left[who]
    gates = np.maximum(UNREADY_FLOOR, ready**2) * fit * fresh * worn * np.where(easy, BORING, 1.0)
    return np.where(closed, 0.0, gates)


def goal_driven(
    people: People, courses: Courses, who: Ints, goal: Ints, rng: np.random.Generator
) -> Floats:
    """Whoever wants to get somewhere takes what leads there when its turn has come."""
    ready = readiness(people, courses, who)
    aside = np.where(
        courses.field == people.side_field[who, None], people.curiosity[who, None], OFF_ROUTE
    )
    on_route = np.where(ready >= READY, 1.0, NOT_YET)
    purpose = np.where(courses.routes[goal], on_route, aside)
    return purpose * _gates(people, courses, who, ready)


def social(
    people: People, courses: Courses, who: Ints, goal: Ints, rng: np.random.Generator
) -> Floats:
    """People take what two or more of their circle took lately, and sometimes what comes to mind.

    A threshold, not a sum: the third colleague adds nothing.
    """
    ready = readiness(people, courses, who)
    talk = people.talk[people.circle[who]] - people.open[who]  # one's own is no hearsay
    purpose = np.where(talk >= 1.2, TALKED, np.where(talk >= 0.4, HEARD, UNHEARD))
    purpose[np.arange(len(who)), people.whim[who]] = 1.0
    return purpose * _gates(people, courses, who, ready)


def curious(
    people: People, courses: Courses, who: Ints, goal: Ints, rng: np.random.Generator
) -> Floats:
    """Two courses of a field are enough; then the next field of one's own trail beckons."""
    ready = readiness(people, courses, who)
    trail = people.trails[people.trail[who]]
    at = people.on_trail[who]
    row = np.arange(len(who))
    here, then = (trail[row, (at + ahead) % len(FIELDS)] for ahead in (0, 1))
    purpose = np.full((len(who), courses.n), ELSEWHERE)
    purpose[courses.field == then[:, None]] = NEXT_FIELD
    purpose[courses.field == here[:, None]] = 1.0
    return purpose * _gates(people, courses, who, ready)


def null(
    people: People, courses: Courses, who: Ints, goal: Ints, rng: np.random.Generator
) -> Floats:
    """Taste of the moment: what somebody likes now has nothing to do with anything before."""
    return rng.random((len(who), courses.n))


def clickbait(
    people: People, courses: Courses, who: Ints, goal: Ints, rng: np.random.Generator
) -> Floats:
    """Goals as ever, and short courses of one flavour that nobody can pass by and nobody finishes.

    They never wear out and never tire.
    """
    found = goal_driven(people, courses, who, goal, rng)
    own = courses.field == people.flavour[who, None]
    return np.where(courses.short, np.where(own, BAIT, OTHER_BAIT), found)


TRUTHS: Mapping[str, Truth] = {
    "goal-driven": goal_driven,
    "social": social,
    "curious": curious,
    "null": null,
    "clickbait": clickbait,
}
RIVALS = ("goal-driven", "social", "curious")  # in which knowing somebody helps
BAITED = frozenset({"clickbait"})
ALIKE = frozenset({"null"})  # no course is harder or longer than another
