"""Which courses lead somebody to their goal, when, and why each? (L5) Rules alone, no model.

What was stated is a prior: what quizzes say overrules it (`evidence`). The same stated, the same
facts, the same catalogue and the same day give the same path.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil

from personalize.agents.evidence import Facts
from personalize.agents.wishes import Stated, Wanted, wanted
from personalize.algorithms import claims
from personalize.algorithms import path as planning
from signals import catalogue
from signals.data import CourseInfo

NEAR_MOST = 3
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Choices:
    """What a learner changed in their path."""

    known: frozenset[int] = frozenset()  # courses they say they know
    instead: frozenset[int] = frozenset()  # courses they took in
    without: frozenset[int] = frozenset()  # courses they put away for these


@dataclass(frozen=True, slots=True)
class Alternative:
    """A course that could stand in a step's place, what it would bring, and what would go."""

    course: CourseInfo
    brings: tuple[str, ...]  # wanted skills
    loses: tuple[str, ...]  # wanted skills of the step it does not teach


@dataclass(frozen=True, slots=True)
class Leg:
    """One course of the path: when, and why it stands there."""

    course: CourseInfo
    minutes: int  # still to do
    share: float | None  # done of it, where it was begun
    starts: date
    ends: date
    weeks: tuple[int, int]  # the first and last week of the path, from 1
    brings: tuple[str, ...]  # wanted skills it is the first to teach
    needed_by: tuple[CourseInfo, ...]  # later steps that build on it
    after: tuple[CourseInfo, ...]  # earlier steps it builds on
    missed: tuple[str, ...]  # skills of it that a quiz showed to be missing
    asked: bool  # the learner took it in
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a goal from today on."""

    goal: Wanted
    legs: tuple[Leg, ...]
    finished: tuple[CourseInfo, ...]  # courses that serve the goal and are done
    skipped: tuple[CourseInfo, ...]  # left out because what they teach is known
    pace: int  # minutes a week
    today: date
    by_when: date | None
    covered: float  # of what is wanted and not known, 0..1
    bound: float  # no path within the time covers more
    left_out: tuple[str, ...]  # taught, but beyond the time or the length of a path
    out_of_reach: tuple[str, ...]  # taught by no course that could be reached
    near: tuple[CourseInfo, ...]  # where nothing leads to the goal

    @property
    def minutes(self) -> int:
        """Return the minutes still to do."""
        return sum(leg.minutes for leg in self.legs)

    @property
    def arrives(self) -> date:
        """Return the day of arrival at this pace."""
        return self.legs[-1].ends if self.legs else self.today

    @property
    def weeks(self) -> int:
        """Return how many weeks it takes."""
        return self.legs[-1].weeks[1] if self.legs else 0

    @property
    def saved(self) -> int:
        """Return the minutes that what is known saves."""
        return sum(course.minutes for course in self.skipped)

    @property
    def spare_days(self) -> int | None:
        """Return the days between arrival and the date aimed for; None without a date."""
        return None if self.by_when is None else (self.by_when - self.arrives).days

    def arrives_at(self, pace: int) -> date:
        """Return the day of arrival at another pace, in minutes a week."""
        return _day(self.today, self.minutes, pace)


def make(stated: Stated, facts: Facts, *, today: date, choices: Choices | None = None) -> Path:
    """Return the path of somebody who said this and did that."""
    courses = _readable(catalogue.courses(), stated)
    chosen = _believed(choices or Choices(), stated, facts, courses)
    goal = wanted(stated)
    offered = {c: _course(info, facts) for c, info in courses.items()}
    wish = _wish(stated, facts, chosen, goal, courses, today)
    planned = planning.plan(offered, wish)
    swaps = {
        step.course_id: planning.alternatives(offered, wish, planned, step.course_id)
        for step in planned.steps
    }
    return Path(
        goal=goal,
        legs=_legs(planned, courses, facts, stated.pace, today, swaps, chosen),
        finished=tuple(_serving(facts.finished, goal, courses)),
        skipped=tuple(_skipped(planned, chosen.known - facts.failed, goal, courses)),
        pace=stated.pace,
        today=today,
        by_when=stated.by_when,
        covered=planned.covered,
        bound=planned.bound,
        left_out=tuple(s for s in planned.missing if s not in planned.out_of_reach),
        out_of_reach=planned.out_of_reach,
        near=() if goal.weights else _near(goal.title),
    )


def _readable(courses: Mapping[int, CourseInfo], stated: Stated) -> Mapping[int, CourseInfo]:
    """Return the courses in languages that are read, and those that state none.

    Who states no language is taken to read that of the page and the catalogue's usual one. Where
    no course is left, all are.
    """
    told = Counter(info.language[:2].lower() for info in courses.values() if info.language)
    usual = min(told, key=lambda name: (-told[name], name), default="")
    kept = {"", *(stated.reads or (usual, stated.language[:2].lower()))}
    read = {c: info for c, info in courses.items() if info.language[:2].lower() in kept}
    return read or courses


def _believed(
    chosen: Choices, stated: Stated, facts: Facts, courses: Mapping[int, CourseInfo]
) -> Choices:
    """Return the choices with the beginners' courses that are known with a skill they name.

    A course that was begun or asked for stays, and so does one whose quiz was not passed.
    """
    claimed = frozenset(stated.known) - facts.missed
    taken = chosen.instead | facts.failed | (facts.begun or {}).keys()
    named = {c for c, info in courses.items() if c not in taken and _named(info, claimed)}
    return replace(chosen, known=chosen.known | named)


def _named(info: CourseInfo, claimed: frozenset[str]) -> set[str]:
    words = {skill: catalogue.words_of(skill) for skill in info.skills if skill in claimed}
    return claims.named(catalogue.words_of(info.title), words, level=info.level) if words else set()


def _skipped(
    planned: planning.Planned,
    believed: frozenset[int],
    goal: Wanted,
    courses: Mapping[int, CourseInfo],
) -> list[CourseInfo]:
    said = {info.course_id for info in _serving(believed, goal, courses)}
    return [courses[c] for c in sorted(said | set(planned.skipped))]


def _course(info: CourseInfo, facts: Facts) -> planning.Course:
    share = facts.share(info.course_id)
    minutes = info.minutes or planning.UNKNOWN_MINUTES
    return planning.Course(
        course_id=info.course_id,
        minutes=max(1, round(minutes * (1.0 - (share or 0.0)))),
        skills=frozenset(info.skills),
        prerequisites=info.prerequisites,
        level=info.level,
        begun=share is not None,
    )


def _wish(
    stated: Stated,
    facts: Facts,
    chosen: Choices,
    goal: Wanted,
    courses: Mapping[int, CourseInfo],
    today: date,
) -> planning.Wish:
    believed = chosen.known - facts.failed
    claimed = {s for c in believed if c in courses for s in courses[c].skills} | {*stated.known}
    ahead = None if stated.by_when is None else (stated.by_when - today).days
    return planning.Wish(
        wanted=goal.weights,
        known=facts.known(claimed),
        finished=facts.finished | believed,
        budget=stated.pace * ahead // WEEK_DAYS if ahead and ahead > 0 else None,
        instead=chosen.instead - chosen.known,
        without=chosen.without,
    )


def _legs(
    planned: planning.Planned,
    courses: Mapping[int, CourseInfo],
    facts: Facts,
    pace: int,
    today: date,
    swaps: Mapping[int, tuple[tuple[int, tuple[str, ...]], ...]],
    chosen: Choices,
) -> tuple[Leg, ...]:
    legs, before, spent = [], set[int](), 0
    for step in planned.steps:
        info = courses[step.course_id]
        first, spent = spent, spent + step.minutes
        legs.append(
            Leg(
                course=info,
                minutes=step.minutes,
                share=facts.share(step.course_id),
                starts=_day(today, first, pace),
                ends=_day(today, spent, pace),
                weeks=(first // pace + 1, max(1, ceil(spent / pace))),
                brings=step.brings,
                needed_by=tuple(courses[c] for c in step.needed_by),
                after=tuple(courses[c] for c in info.prerequisites if c in before),
                missed=tuple(s for s in info.skills if s in facts.missed),
                asked=step.course_id in chosen.instead,
                alternatives=tuple(
                    Alternative(
                        courses[c], brings, tuple(s for s in step.brings if s not in brings)
                    )
                    for c, brings in swaps[step.course_id]
                ),
            )
        )
        before.add(step.course_id)
    return tuple(legs)


def _day(today: date, minutes: int, pace: int) -> date:
    return today + timedelta(days=ceil(minutes * WEEK_DAYS / pace))


def _serving(
    of: frozenset[int], goal: Wanted, courses: Mapping[int, CourseInfo]
) -> list[CourseInfo]:
    found = [courses[c] for c in sorted(of) if c in courses]
    return [info for info in found if goal.weights.keys() & set(info.skills)]


def _near(title: str) -> tuple[CourseInfo, ...]:
    """Return courses whose words are like a goal that nobody teaches; the search's own order."""
    words = catalogue.words_of(title)
    found: dict[int, CourseInfo] = {}
    for word in words:
        for info in catalogue.search(word, limit=NEAR_MOST).hits:
            found.setdefault(info.course_id, info)
    return tuple(found.values())[:NEAR_MOST]
