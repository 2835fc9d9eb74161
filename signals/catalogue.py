"""Which courses, modules and skills are there, and which occupations? The catalogue's door (L1).

Courses are read from memory (`models.shelf`), at most a second behind the database. Whatever
lists courses lists those offered to learners; whatever asks for one by its id finds any.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from signals.capture.imports.drafts import read_courses
from signals.capture.imports.refusals import Refusals
from signals.data import CourseInfo, ModuleInfo, OccupationInfo, SearchPage
from signals.derive.corrections import correct, may_correct, take_back
from signals.models import Course, Module, careers
from signals.models.shelf import Shelf, shelf
from signals.models.statements import run
from signals.processing.titles import closeness, words_of

__all__ = [
    "changed_at",
    "closeness",
    "correct",
    "course",
    "course_by_external",
    "course_by_slug",
    "courses",
    "fields",
    "formats",
    "may_correct",
    "module_text",
    "module_texts",
    "modules",
    "occupation",
    "occupations",
    "of_file",
    "prerequisite_pairs",
    "search",
    "skills",
    "take_back",
    "version",
    "words_of",
]

ALIKE = 0.45  # word similarity of pg_trgm from which a title counts as what was meant
LONGEST_QUERY = 200
MOST_WORDS = 12

_BY_WORDS = """
SELECT c.id FROM signals_course c, to_tsquery('simple', %b) q
WHERE c.listed AND (c.search @@ q OR EXISTS (
    SELECT FROM signals_course_skills cs JOIN signals_skill k ON k.id = cs.skill_id
    WHERE cs.course_id = c.id AND to_tsvector('simple', k.name) @@ q))
ORDER BY ts_rank_cd(c.search, q) DESC, c.title, c.id
"""
_BY_SPELLING = """
SELECT c.id FROM signals_course c
WHERE c.listed AND (word_similarity(%b, c.title) >= %b OR c.title ILIKE %b)
ORDER BY word_similarity(%b, c.title) DESC, c.title, c.id
"""


def course(course_id: int) -> CourseInfo | None:
    """Return a course by our number."""
    return shelf().courses.get(course_id)


def course_by_slug(slug: str) -> CourseInfo | None:
    """Return a course by the last part of its address."""
    return shelf().by_slug.get(slug)


def course_by_external(external_id: str) -> CourseInfo | None:
    """Return a course by the learning platform's id."""
    return shelf().by_external.get(external_id)


def of_file(path: Path) -> Mapping[str, CourseInfo]:
    """Return the courses of a catalogue's file by their external ids; nothing is stored.

    Numbers are those of the rows, and prerequisites are left out.

    Raises:
        ValueError: the file or its columns cannot be read.
    """
    read = read_courses(path, given={}, refusals=Refusals())
    return {
        draft.external_id: CourseInfo(
            course_id=draft.row,
            external_id=draft.external_id,
            slug=draft.slug,
            title=draft.title,
            summary=draft.summary,
            field=draft.field,
            level=draft.level,
            language=draft.language,
            provider=draft.provider,
            minutes=draft.minutes,
            skills=tuple(draft.skills),
            prerequisites=(),
            modules=len(draft.modules),
        )
        for draft in read.courses.values()
    }


def courses(ids: Iterable[int] | None = None) -> Mapping[int, CourseInfo]:
    """Return the courses offered to learners by number, or those with the numbers given."""
    catalogue = shelf()
    if ids is None:
        return MappingProxyType(dict(catalogue.listed))
    return {i: catalogue.courses[i] for i in ids if i in catalogue.courses}


def changed_at() -> Mapping[int, datetime]:
    """Return when each course offered to learners last changed. One statement."""
    return dict(Course.objects.filter(listed=True).values_list("id", "updated_at"))


def version() -> int:
    """Return a number that grows with every change of the catalogue."""
    return shelf().version


def modules(course_id: int) -> tuple[ModuleInfo, ...]:
    """Return the modules of a course in order; empty for an unknown one."""
    return shelf().modules([course_id])[course_id]


def module_text(module_id: int) -> str:
    """Return what a module teaches, empty when unknown. One statement."""
    return Module.objects.filter(id=module_id).values_list("text", flat=True).first() or ""


def module_texts(course_id: int) -> Mapping[int, str]:
    """Return what each module of a course teaches, by module. One statement."""
    return dict(Module.objects.filter(course_id=course_id).values_list("id", "text"))


def prerequisite_pairs() -> NDArray[np.int32]:
    """Return (course, course to take before) pairs, int32 of shape (n, 2)."""
    pairs = [
        (info.course_id, before)
        for info in shelf().courses.values()
        for before in info.prerequisites
    ]
    return np.array(pairs, np.int32).reshape(-1, 2)


def fields() -> tuple[tuple[str, int], ...]:
    """Return the fields with how many courses each offers, most first."""
    return _counted(info.field for info in shelf().listed.values())


def skills() -> tuple[tuple[str, int], ...]:
    """Return the skills with how many courses teach each, most first."""
    return _counted(name for info in shelf().listed.values() for name in info.skills)


def occupations(text: str, *, most: int = 6) -> tuple[OccupationInfo, ...]:
    """Return the occupations a text may mean, the closest first; which one is for who wrote it."""
    return careers.find(text[:LONGEST_QUERY], most=most)


def occupation(key: str) -> OccupationInfo | None:
    """Return an occupation by its key."""
    return careers.read(key)


def formats() -> Mapping[int, frozenset[str]]:
    """Return in which formats the modules of each course teach."""
    return shelf().formats


def search(
    query: str,
    *,
    field: str = "",
    level: str = "",
    format: str = "",
    limit: int = 20,
    offset: int = 0,
) -> SearchPage:
    """Search titles, fields, summaries and skills; the order is the same for everyone.

    Words match from their beginning. Where nothing holds them all, titles spelled alike are found
    and the page says so. An empty query lists all courses by title.
    """
    catalogue = shelf()
    found, corrected = _matches(catalogue, query)
    wanted = {"field": field, "level": level, "format": format}
    holds = _facet_readers(catalogue)

    def passes(info: CourseInfo, *, but: str = "") -> bool:
        return all(
            not value or name == but or value in holds[name](info) for name, value in wanted.items()
        )

    hits = [info for info in found if passes(info)]
    facets = {
        name: _counted(value for info in found if passes(info, but=name) for value in read(info))
        for name, read in holds.items()
    }
    page = tuple(hits[offset : offset + limit])
    return SearchPage(len(hits), page, MappingProxyType(facets), corrected)


def _facet_readers(catalogue: Shelf) -> dict[str, Callable[[CourseInfo], Iterable[str]]]:
    return {
        "field": lambda info: (info.field,),
        "level": lambda info: (info.level,),
        "format": lambda info: catalogue.formats[info.course_id],
    }


def _matches(catalogue: Shelf, query: str) -> tuple[list[CourseInfo], bool]:
    words = re.findall(r"\w+", query[:LONGEST_QUERY].lower())[:MOST_WORDS]
    if not words:
        by_title = sorted(catalogue.listed.values(), key=lambda info: (info.title, info.course_id))
        return by_title, False
    found = _known(catalogue, run(_BY_WORDS, [" & ".join(f"{word}:*" for word in words)]))
    if found:
        return found, False
    text = " ".join(words)
    rows = run(_BY_SPELLING, [text, ALIKE, f"%{text}%", text])
    return _known(catalogue, rows), True


def _known(catalogue: Shelf, rows: Iterable[tuple[int]]) -> list[CourseInfo]:
    return [catalogue.listed[i] for (i,) in rows if i in catalogue.listed]


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(value for value in values if value)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
