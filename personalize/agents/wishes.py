"""What does somebody want to be able to do, in skills of the catalogue? (L5)

A goal is an occupation, a field of the catalogue or single skills. An occupation asks for
"Structured query language SQL" and a course teaches "sql": a skill that is taught is meant where
all its words stand in what is asked for, or the other way round.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from signals import catalogue
from signals.catalogue import words_of
from signals.data import CourseInfo

USUAL_MINUTES = 180  # a week, where nobody said
MISSING_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody said: a goal of one kind or none, and what stands beside it."""

    field: str = ""  # of the catalogue
    role: str = ""  # key of an occupation
    skills: tuple[str, ...] = ()  # of the catalogue
    known: tuple[str, ...] = ()  # skills, as claimed
    minutes_per_week: int = 0  # 0: not said
    by_when: date | None = None
    language: str = ""  # of the pages; courses in it, and in the catalogue's usual one, serve
    reads: tuple[str, ...] = ()  # languages, as stated; then courses in these serve

    @property
    def pace(self) -> int:
        """Return the minutes a week to plan with."""
        return self.minutes_per_week or USUAL_MINUTES

    @property
    def empty(self) -> bool:
        """Say whether no goal was stated."""
        return not (self.field or self.role or self.skills)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A goal in skills of the catalogue, with weights above 0."""

    title: str
    weights: Mapping[str, float]
    untaught: tuple[str, ...] = ()  # what an occupation asks for and no course teaches
    field: str = ""  # of the catalogue, the goal is mostly in


def wanted(stated: Stated) -> Wanted:
    """Return what a stated goal asks for; nothing wanted where nothing was stated."""
    courses = catalogue.courses().values()
    if stated.role and (occupation := catalogue.occupation(stated.role)) is not None:
        weights, untaught = taught(occupation.skills, courses)
        return Wanted(occupation.title, weights, untaught, _mostly(weights, courses))
    if stated.field:
        weights = dict(
            Counter(skill for c in courses if c.field == stated.field for skill in c.skills)
        )
        heaviest = max(weights.values(), default=1)
        weights |= {skill: weights.get(skill, 0) + heaviest for skill in stated.skills}
        return Wanted(stated.field, weights, field=stated.field)
    weights = dict.fromkeys(stated.skills, 1.0)
    return Wanted(", ".join(stated.skills), weights, field=_mostly(weights, courses))


def taught(
    asked: Mapping[str, float], courses: Iterable[CourseInfo]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the skills of courses that are meant by what is asked for, and what nobody teaches."""
    offered = {skill: frozenset(words_of(skill)) for c in courses for skill in c.skills}
    weights: dict[str, float] = {}
    untaught = []
    for name, weight in asked.items():
        words = frozenset(words_of(name))
        meant = [s for s, held in offered.items() if held and words and _same(held, words)]
        for skill in meant:
            weights[skill] = max(weights.get(skill, 0.0), weight)
        if not meant:
            untaught.append(name)
    untaught.sort(key=lambda name: (-asked[name], name))
    return dict(sorted(weights.items())), tuple(untaught[:MISSING_SHOWN])


def _same(held: frozenset[str], words: frozenset[str]) -> bool:
    return held <= words or (words <= held and len(words) > 1)


def _mostly(weights: Mapping[str, float], courses: Iterable[CourseInfo]) -> str:
    """Return the field that teaches the most of what is wanted, "" where none does."""
    by_field: dict[str, set[str]] = {}
    for course in courses:
        by_field.setdefault(course.field, set()).update(weights.keys() & set(course.skills))
    shares = {f: sum(weights[s] for s in skills) for f, skills in by_field.items() if f}
    best = max(sorted(shares), key=lambda name: shares[name], default="")
    return best if shares.get(best, 0.0) > 0 else ""
