"""Which course should be taken before another? (L5) What learners did, and what texts say.

Only courses that share a skill, or of which one names what the other teaches, are compared, and a
harder one never comes first. Two kinds of evidence count, each from 0 to 1: the least share of
learners who took it first, of those who took both (95%), and how many skills of the first the
second names without teaching them.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations

from personalize.agents.metadata.found import Found, Learnt
from personalize.algorithms.metadata.naming import Names
from personalize.algorithms.metadata.shares import wilson
from personalize.algorithms.metadata.texts import CourseText
from signals import aggregates, catalogue
from signals.data import CourseInfo, TakenInOrder

LEVELS = {"beginner": 0, "intermediate": 1, "advanced": 2}
MOST_TOGETHER = 0.5  # a skill that more than this share of courses has tells nothing
MOST_COURSES = 200  # nor one that so many have
LEAST = 0.5
NAMED_ENOUGH = 2  # skills named, from which a text speaks as loudly as it can
MOST_A_COURSE = 3


def find(courses: Sequence[CourseInfo], texts: Sequence[CourseText]) -> tuple[list[Found], Learnt]:
    """Return courses to take before others, with the figures that speak for it."""
    named = _named(courses, texts)
    own = {course.course_id: course for course in courses}
    known = {tuple(pair) for pair in catalogue.prerequisite_pairs().tolist()}
    pairs = [
        (earlier, later)
        for earlier, later in _comparable(courses, named)
        if (later, earlier) not in known and (earlier, later) not in known
    ]
    taken = aggregates.in_order(pairs)
    by_course: dict[int, list[Found]] = {}
    for earlier, later in pairs:
        one = _of_pair(own[earlier], own[later], named, taken.get((earlier, later)))
        if one is not None:
            by_course.setdefault(later, []).append(one)
    found = [
        one
        for several in by_course.values()
        for one in sorted(several, key=lambda each: -each.score)[:MOST_A_COURSE]
    ]
    return found, Learnt(len(pairs), "", None)


def _of_pair(
    earlier: CourseInfo,
    later: CourseInfo,
    named: Mapping[int, frozenset[str]],
    taken: TakenInOrder | None,
) -> Found | None:
    skills = sorted(
        (named[later.course_id] & set(earlier.skills)) - set(later.skills),
    )
    turned = (named[earlier.course_id] & set(later.skills)) - set(earlier.skills)
    by_text = min(max(len(skills) - len(turned), 0) / NAMED_ENOUGH, 1.0)
    low, high = wilson(taken.first, taken.learners) if taken else (0.0, 1.0)
    if taken and high < LEAST:  # learners do it the other way round
        return None
    score = max(low, by_text) if not taken else 1 - (1 - low) * (1 - by_text / 2)
    if score < LEAST or not (skills or low > LEAST):
        return None
    return Found(
        later.course_id,
        "prerequisite",
        str(earlier.course_id),
        round(score, 4),
        {
            "first": taken.first if taken else None,
            "both": taken.learners if taken else None,
            "low": round(low, 4) if taken else None,
            "high": round(high, 4) if taken else None,
            "skills": skills[:5],
            "levels": [earlier.level, later.level],
        },
    )


def _named(courses: Sequence[CourseInfo], texts: Sequence[CourseText]) -> dict[int, frozenset[str]]:
    skills = [name for name, n in catalogue.skills() if n <= _most(len(courses))]
    if not skills:
        return {course.course_id: frozenset() for course in courses}
    met = Names(skills).fit(texts).of(texts).any
    return {
        course.course_id: frozenset(skills[place] for place in row.nonzero()[0])
        for course, row in zip(courses, met, strict=True)
    }


def _comparable(
    courses: Sequence[CourseInfo], named: Mapping[int, frozenset[str]]
) -> list[tuple[int, int]]:
    """Return ordered pairs: the first is no harder, of the same language, and has to do with it."""
    rare = {name for name, n in catalogue.skills() if n <= _most(len(courses))}
    about: dict[str, list[CourseInfo]] = {}
    for course in courses:
        for skill in (set(course.skills) & rare) | named[course.course_id]:
            about.setdefault(skill, []).append(course)
    return sorted(
        {
            (a.course_id, b.course_id)
            for several in about.values()
            for a, b in permutations(several, 2)
            if a.language == b.language and _no_harder(a, b) and set(a.skills) & rare
        }
    )


def _most(courses: int) -> float:
    return min(MOST_TOGETHER * courses, MOST_COURSES)


def _no_harder(earlier: CourseInfo, later: CourseInfo) -> bool:
    first, then = LEVELS.get(earlier.level), LEVELS.get(later.level)
    return first is None or then is None or first <= then
