"""What happens in a lab on one day? People come, choose from what they are shown, study (pure)."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from demo.lab import people as folk
from demo.lab import studying
from demo.lab.courses import Courses, Floats, Ints, Mask, build
from demo.lab.events import NONE, Diary, Events, Kind
from demo.lab.people import People
from demo.lab.studying import Visits
from demo.lab.truths import ALIKE, BAITED, TRUTHS

SHOWN = 12  # courses of a list
ATTENTION = 0.45  # rank r is looked at with probability r ** -ATTENTION
SHARPNESS = 2.4  # how decisive differences of appeal are against taste of the moment
OUTSIDE = 0.95  # appeal of doing something else
SEEKING = OUTSIDE / 6  # of it for somebody who searches or walks the shelves
SLIP = 0.012  # share of visits with a click by accident
AT_ONCE = 3  # courses somebody follows at the same time
SESSION_MINUTES = (2.4, 17.0)  # shape and scale of the time somebody has
SEARCHES_APART = 0.02  # what a search finds beside what was wanted
CRAWLED = 40  # pages a bot takes in one go
BAIT_SOUGHT = 0.35  # of its appeal, for somebody who searches
BAIT_TAKES, BAIT_WEARIES = (30.0, 90.0), 0.06  # minutes (from, to), and what it does to motivation
HOME, SEARCH, SHELF, STRAIGHT = range(4)
DOORS = ((0.62, 0.19, 0.19, 0.0), (0.5, 0.08, 0.07, 0.35))  # without a course at hand, and with


class Lists(Protocol):
    """The product, as people meet it."""

    def __call__(self, who: Ints, second: Floats, day: int) -> Ints:
        """Return a list each, SHOWN places of courses in order, NONE where it is shorter."""


@dataclass(slots=True)
class Lab:
    """A world being played."""

    truth: str
    courses: Courses
    people: People
    rng: np.random.Generator
    day: int = 0


def begin(truth: str, *, n: int, days: int, seed: int) -> Lab:
    """Return a world at its beginning."""
    rng = np.random.default_rng([seed, sorted(TRUTHS).index(truth)])
    courses = build(alike=truth in ALIKE)
    return Lab(truth, courses, folk.draw(courses, n=n, days=days, rng=rng), rng)


def live(lab: Lab, lists: Lists | None) -> Events:
    """Play the next day; without lists whoever comes in by the first page walks the shelves."""
    people, courses, rng = lab.people, lab.courses, lab.rng
    folk.night(people, courses, day=lab.day, rng=rng)
    diary = Diary()
    here = folk.coming(people, day=lab.day, rng=rng)
    _crawl(lab, here[people.bot[here]], diary)
    visits = _visits(lab, here[~people.bot[here]])
    appeals = TRUTHS[lab.truth](people, courses, visits.who, visits.goal, rng)
    doors = _doors(people, visits.who, rng)
    offered, at_home = _offered(lab, visits, appeals, doors, lists)
    slates = np.where(at_home, np.cumsum(at_home) - 1, NONE)
    _show(lab, visits, offered, at_home, slates, diary)
    taken, slips = choose(appeals, offered, np.where(at_home, OUTSIDE, SEEKING), rng)
    _open(lab, visits, appeals, taken, slips, slates, diary)
    studying.study(people, courses, visits, diary, rng)
    lab.day += 1
    return diary.events()


def choose(
    appeals: Floats, offered: Ints, outside: Floats, rng: np.random.Generator
) -> tuple[Ints, Mask]:
    """Return the course each takes of what is offered, NONE for none, and who clicked by accident.

    People look at the first cards more often, compare only what they looked at, and often do
    something else instead.
    """
    ranks = np.arange(1, offered.shape[1] + 1.0)
    looked = (rng.random(offered.shape) < ranks**-ATTENTION) & (offered != NONE)
    seen = np.take_along_axis(appeals, np.maximum(offered, 0), axis=1)
    utilities = SHARPNESS * np.log(seen + 1e-3) + rng.gumbel(size=offered.shape)
    utilities = np.where(looked, utilities, -np.inf)
    alternative = SHARPNESS * np.log(outside + 1e-3) + rng.gumbel(size=len(outside))
    best = utilities.argmax(axis=1)
    rows = np.arange(len(offered))
    wins = looked.any(axis=1) & (utilities[rows, best] > alternative)
    slips = looked.any(axis=1) & (rng.random(len(outside)) < SLIP)
    by_accident = np.where(looked, rng.random(offered.shape), -1.0).argmax(axis=1)
    place = np.where(slips, by_accident, best)
    return np.where(wins | slips, offered[rows, place], NONE), slips


def _visits(lab: Lab, who: Ints) -> Visits:
    people, rng = lab.people, lab.rng
    shape, scale = SESSION_MINUTES
    return Visits(
        who=who,
        second=np.clip(rng.normal(0.6, 0.16, len(who)), 0.05, 0.85) * 86_400,
        minutes=np.clip(rng.gamma(shape, scale, len(who)), 6.0, 120.0),
        goal=people.goals[who, rng.integers(2, size=len(who))],
    )


def _doors(people: People, who: Ints, rng: np.random.Generator) -> Ints:
    """Say how each comes in; who is in the middle of a course often goes straight on."""
    edges = np.cumsum(np.array(DOORS)[people.open[who].any(axis=1).astype(int)], axis=1)
    found: Ints = (rng.random(len(who))[:, None] > edges).sum(axis=1)
    return found


def _offered(
    lab: Lab, visits: Visits, appeals: Floats, doors: Ints, lists: Lists | None
) -> tuple[Ints, Mask]:
    """Return the courses before each visitor, and who has the product's list before them."""
    courses, rng = lab.courses, lab.rng
    offered = np.full((len(visits.who), SHOWN), NONE)
    noise = rng.gumbel(size=appeals.shape)
    glitters = courses.short & (lab.truth in BAITED)  # it finds people; nobody looks for it
    wanted = np.log(np.where(glitters, BAIT_SOUGHT, 1.0) * appeals + SEARCHES_APART) + noise
    found = np.argsort(-wanted, axis=1)[:, :SHOWN]
    shelf = courses.field == courses.field[found[:, 0]][:, None]
    along = np.argsort(np.where(shelf, rng.random(shelf.shape), 2.0), axis=1)[:, :SHOWN]
    offered[doors == SEARCH] = found[doors == SEARCH]
    at_home = np.zeros(len(doors), bool)
    walks = doors == SHELF
    if lists is None:
        walks = walks | (doors == HOME)
    else:
        asks = np.flatnonzero(doors == HOME)
        offered[asks] = lists(visits.who[asks], visits.second[asks], lab.day)
        at_home[asks] = (offered[asks] != NONE).any(axis=1)
    offered[walks] = along[walks]
    return offered, at_home


def _show(
    lab: Lab, visits: Visits, offered: Ints, at_home: Mask, slates: Ints, diary: Diary
) -> None:
    diary.note(Kind.SHOWN, visits.who[at_home], visits.second[at_home], slate=slates[at_home])
    rows, places = np.nonzero((offered != NONE) & at_home[:, None])
    np.add.at(lab.people.seen, (visits.who[rows], offered[rows, places]), 1.0)


def _open(
    lab: Lab,
    visits: Visits,
    appeals: Floats,
    taken: Ints,
    slips: Mask,
    slates: Ints,
    diary: Diary,
) -> None:
    """Open what was taken; stay, and perhaps enrol, unless it was an accident."""
    people, courses, rng = lab.people, lab.courses, lab.rng
    visits.second += rng.uniform(4, 40, len(taken))
    clicked = (taken != NONE) & (slates != NONE)
    diary.note(
        Kind.CLICKED,
        visits.who[clicked],
        visits.second[clicked],
        course=taken[clicked],
        slate=slates[clicked],
    )
    opened = taken != NONE
    diary.note(
        Kind.VIEWED,
        visits.who[opened],
        visits.second[opened],
        course=taken[opened],
        slate=slates[opened],
    )
    visits.second += rng.uniform(20, 120, len(taken))
    stays = np.flatnonzero(opened & ~slips)
    who, course = visits.who[stays], taken[stays]
    drive = 0.5 + people.motivation[who] / 2
    chance = np.minimum(0.95, 0.15 + 1.6 * appeals[stays, course] * drive)
    bait = courses.short[course] & (lab.truth in BAITED)
    free = ~(people.open | people.done)[who, course] & (people.open[who].sum(axis=1) < AT_ONCE)
    enrols = (bait | free) & (rng.random(len(who)) < chance)
    rows = stays[enrols]
    diary.note(
        Kind.ENROLLED,
        visits.who[rows],
        visits.second[rows],
        course=taken[rows],
        slate=slates[rows],
    )
    begun = enrols & ~bait
    people.open[who[begun], course[begun]] = True
    people.left[who[begun], course[begun]] = False
    np.add.at(people.talk, (people.circle[who[begun]], course[begun]), 1.0)
    _dally(lab, visits, stays[bait], diary, taken)


def _dally(lab: Lab, visits: Visits, rows: Ints, diary: Diary, taken: Ints) -> None:
    """Stay with bait: it takes time from the visit and the week, and leads nowhere."""
    people = lab.people
    who = visits.who[rows]
    spent = np.minimum(lab.rng.uniform(*BAIT_TAKES, len(rows)), visits.minutes[rows])
    diary.note(Kind.STARTED, who, visits.second[rows], course=taken[rows], module=0)
    visits.second[rows] += spent * 60
    visits.minutes[rows] -= spent
    people.week_used[who] += spent
    people.motivation[who] = np.maximum(studying.WEARY, people.motivation[who] - BAIT_WEARIES)


def _crawl(lab: Lab, bots: Ints, diary: Diary) -> None:
    """A robot takes pages one after the other; nothing of it is a choice."""
    for page in range(CRAWLED):
        course = lab.rng.integers(lab.courses.n, size=len(bots))
        diary.note(Kind.VIEWED, bots, np.full(len(bots), 40_000.0 + page), course=course)
