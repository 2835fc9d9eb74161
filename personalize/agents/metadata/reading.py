"""What does the agent read of courses? (L5) Titles, summaries, modules' titles; no learner."""

from collections.abc import Mapping, Sequence
from math import log1p

from personalize.algorithms.metadata.texts import CourseText
from signals import catalogue
from signals.data import CourseInfo

MINUTES_AN_HOUR = 60


def texts(courses: Sequence[CourseInfo]) -> list[CourseText]:
    """Return courses as models read them."""
    return [_text(course) for course in courses]


def offered() -> list[CourseInfo]:
    """Return the courses offered to learners, by number."""
    listed: Mapping[int, CourseInfo] = catalogue.courses()
    return [listed[number] for number in sorted(listed)]


def _text(course: CourseInfo) -> CourseText:
    titles = [module.title for module in catalogue.modules(course.course_id)]
    facts = {"provider": course.provider, "language": course.language, "field": course.field}
    return CourseText(
        title=course.title,
        text=" . ".join([course.summary, *titles]),
        facts=tuple(f"{name}: {value}" for name, value in facts.items() if value),
        numbers=(log1p(course.minutes / MINUTES_AN_HOUR), float(course.modules)),
    )
