"""What does the catalogue tell of its courses? (L1, L2; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """One module of the catalogue."""

    module_id: int
    external_id: str
    position: int
    title: str
    minutes: int
    format: str


@dataclass(frozen=True, slots=True)
class CourseInfo:
    """One course of the catalogue, without its modules' text."""

    course_id: int
    external_id: str
    slug: str
    title: str
    summary: str
    field: str
    level: str
    language: str
    provider: str
    minutes: int
    skills: tuple[str, ...]
    prerequisites: tuple[int, ...]  # course_ids
    modules: int  # how many


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search of the catalogue, the same for everyone.

    `facets` counts what all hits offer by field, level and format, each without its own filter:
    {"field": (("Design", 12), ...), ...}, most frequent first.
    """

    total: int
    hits: tuple[CourseInfo, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    corrected: bool = False  # nothing held the words as typed: these are spelled alike


@dataclass(frozen=True, slots=True)
class CourseOutcome:
    """How many enrolled in a course and finished it; rounded, and fewer than ten as five."""

    course_id: int
    enrolled: int
    finished: int


@dataclass(frozen=True, slots=True)
class TakenInOrder:
    """How many learners took the first of two courses first, and last; fewer than ten as five."""

    first: int
    last: int

    @property
    def learners(self) -> int:
        """Return how many took both."""
        return self.first + self.last
