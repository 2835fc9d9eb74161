"""L5: how a path is told on a page."""

from collections.abc import Iterable

from django import template

from personalize.agents.path import Leg, Path
from personalize.experience import path_words, skill_words
from personalize.experience.languages import listing
from signals.data import CourseInfo

register = template.Library()
register.filter("listing", listing)


@register.filter
def why_here(leg: Leg) -> str:
    """Return why a course stands where it stands."""
    return path_words.why_here(leg)


@register.filter
def coverage(path: Path) -> str:
    """Return what a path reaches of its goal."""
    return path_words.coverage(path)


@register.filter
def skills(names: Iterable[str]) -> list[str]:
    """Return names of skills as they stand inside a sentence."""
    return [skill_words.in_a_sentence(name) for name in names]


@register.filter
def titles(courses: Iterable[CourseInfo]) -> str:
    """Return the titles of courses, with commas."""
    return listing(course.title for course in courses)


@register.simple_tag
def weeks(leg: Leg) -> str:
    """Return in which weeks of the path a course falls."""
    return path_words.weeks(leg)
