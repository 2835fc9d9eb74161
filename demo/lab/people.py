"""Who lives in a lab, and what does a night do to them? (demo; pure) All learners as arrays.

The numbers a learner is drawn from stand here; what they like is the truth's (`truths.py`).
"""

from dataclasses import dataclass

import numpy as np

from demo.lab.courses import FIELDS, Courses, Floats, Ints, Mask

WEEKLY_MINUTES = (150.0, 0.7)  # median and spread (log) of the time budget
ABILITY = (0.5, 0.17)
MOTIVATION = (0.62, 0.17)
JOINED_BEFORE, JOINING_SHARE = 0.7, 0.7  # share there from the first day; days others join in
SHARED_ACCOUNTS, BOTS = 0.03, 0.01
CIRCLE = 16  # people who hear of each other
TRAILS = 12  # orders in which the curious go through the fields
GOAL_SHARES = 1.1  # exponent: how much likelier the first goal is than the last
HALF_LIFE_DAYS = 45.0  # of what has been learnt
RECOVERY, UNSEEING = 0.85, 0.9  # daily factors: tired of a field, memory of a card
HEARSAY = 0.93  # daily factor of what a circle talks about
HAZARD, HAZARD_SLOPE = 0.012, 5.0  # daily chance of leaving at motivation .5
ACTIVITY, LEAST = 0.55, 0.06  # chance of coming, and the least share of it once the week is full
WEEKEND = 0.75


@dataclass(slots=True)
class People:
    """Learners, and what the days have made of them; all arrays are parallel."""

    bot: Mask
    joined: Ints  # day
    goals: Ints  # (n, 2); the same twice but on shared accounts
    side_field: Ints
    weekly: Floats
    ability: Floats
    curiosity: Floats
    motivation: Floats
    flavour: Ints  # the field whose short courses somebody cannot pass by
    circle: Ints
    trail: Ints
    on_trail: Ints  # how far along it
    trails: Ints  # (TRAILS, fields)
    gone: Mask
    week_used: Floats
    whim: Ints  # a course that came to mind this week
    mastery: Floats  # (n, courses), as all below
    progress: Ints
    open: Mask
    done: Mask
    left: Mask
    seen: Floats
    tired: Floats  # (n, fields)
    talk: Floats  # (circles, courses): what a circle took lately

    @property
    def n(self) -> int:
        """Return how many there are."""
        return len(self.joined)


def draw(courses: Courses, *, n: int, days: int, rng: np.random.Generator) -> People:
    """Draw n learners for a world of so many days."""
    likely = np.arange(1, len(courses.routes) + 1.0) ** -GOAL_SHARES
    goals = rng.choice(len(courses.routes), size=(n, 2), p=likely / likely.sum())
    shared = rng.random(n) < SHARED_ACCOUNTS
    median, spread = WEEKLY_MINUTES
    late = rng.random(n) > JOINED_BEFORE
    circles = n // CIRCLE + 1
    return People(
        bot=rng.random(n) < BOTS,
        joined=np.where(late, rng.integers(1, max(2, int(days * JOINING_SHARE)), n), 0),
        goals=np.where(shared[:, None], goals, goals[:, :1]),
        side_field=rng.integers(len(FIELDS), size=n),
        weekly=median * np.exp(rng.normal(0, spread, n)),
        ability=np.clip(rng.normal(*ABILITY, n), 0.05, 0.95),
        curiosity=rng.beta(2, 3, n),
        motivation=np.clip(rng.normal(*MOTIVATION, n), 0.1, 0.98),
        flavour=rng.integers(len(FIELDS), size=n),
        circle=rng.integers(circles, size=n),
        trail=rng.integers(TRAILS, size=n),
        on_trail=np.zeros(n, np.int64),
        trails=np.array([rng.permutation(len(FIELDS)) for _ in range(TRAILS)]),
        gone=np.zeros(n, bool),
        week_used=np.zeros(n),
        whim=rng.integers(courses.n, size=n),
        mastery=np.zeros((n, courses.n)),
        progress=np.zeros((n, courses.n), np.int64),
        open=np.zeros((n, courses.n), bool),
        done=np.zeros((n, courses.n), bool),
        left=np.zeros((n, courses.n), bool),
        seen=np.zeros((n, courses.n)),
        tired=np.zeros((n, len(FIELDS))),
        talk=np.zeros((circles, courses.n)),
    )


def night(people: People, courses: Courses, *, day: int, rng: np.random.Generator) -> None:
    """Let a night pass: forgetting, recovery, a new week's budget, and for some the last day."""
    people.mastery *= 0.5 ** (1 / HALF_LIFE_DAYS)
    people.tired *= RECOVERY
    people.seen *= UNSEEING
    people.talk *= HEARSAY
    monday = (day - people.joined) % 7 == 0
    people.week_used[monday] = 0.0
    people.whim[monday] = _whims(people, courses, rng)[monday]
    hazard = HAZARD * np.exp(HAZARD_SLOPE * (0.5 - people.motivation))
    people.gone |= (rng.random(people.n) < hazard) & ~people.bot & (people.joined < day)
    _new_goals(people, courses, rng)


def _whims(people: People, courses: Courses, rng: np.random.Generator) -> Ints:
    """Return what comes to mind: mostly of the field that a circle works in."""
    anything = rng.integers(courses.n, size=people.n)
    home = people.circle % len(FIELDS)
    each = courses.n // len(FIELDS)
    by_field = np.argsort(courses.field, kind="stable").reshape(len(FIELDS), each)
    own = by_field[home, rng.integers(each, size=people.n)]
    return np.where(rng.random(people.n) < 0.7, own, anything)


def _new_goals(people: People, courses: Courses, rng: np.random.Generator) -> None:
    """Whoever has a goal's route behind them wants something else."""
    behind = people.done | people.left
    for column in range(2):
        route = courses.routes[people.goals[:, column]]
        reached = np.flatnonzero((behind | ~route).all(axis=1))
        people.goals[reached, column] = rng.integers(len(courses.routes), size=len(reached))


def coming(people: People, *, day: int, rng: np.random.Generator) -> Ints:
    """Return who comes on a day (day 0 is a Monday)."""
    left = np.maximum(LEAST, 1.0 - people.week_used / people.weekly)
    calm = WEEKEND if day % 7 >= 5 else 1.0
    chance = np.where(people.bot, 0.3, ACTIVITY * calm * people.motivation * left)
    here = (people.joined <= day) & ~people.gone
    return np.flatnonzero(here & (rng.random(people.n) < chance))
