"""L1: which courses are there, without asking the database each time? The catalogue in memory.

Triggers move one number with every change of the catalogue. Each process asks for it at most once
a second and reads the courses again when it has moved; modules are read per course on first use.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from django.db import Error

from signals.data import CourseInfo, ModuleInfo
from signals.models.statements import run

CHECK_EVERY_S = 1.0
HELD_COURSES = 2000  # courses whose modules are kept in memory

_STAMP = "SELECT version FROM signals_cataloguestamp WHERE id = 1"
_COURSES = """
SELECT c.id, c.external_id, c.slug, c.title, c.summary, c.field, c.level, c.language, c.provider,
       c.minutes, s.names, p.ids, coalesce(m.n, 0), c.listed, m.formats
FROM signals_course c
LEFT JOIN (SELECT course_id, array_agg(name::text ORDER BY name) AS names
           FROM signals_course_skills JOIN signals_skill k ON k.id = skill_id GROUP BY 1) s
       ON s.course_id = c.id
LEFT JOIN (SELECT from_course_id, array_agg(to_course_id ORDER BY to_course_id) AS ids
           FROM signals_course_prerequisites GROUP BY 1) p ON p.from_course_id = c.id
LEFT JOIN (SELECT course_id, count(*)::int AS n,
                  array_agg(DISTINCT format::text) FILTER (WHERE format <> '') AS formats
           FROM signals_module GROUP BY 1) m
       ON m.course_id = c.id
ORDER BY c.id
"""
_MODULES = """
SELECT course_id, id, external_id, position, title, minutes, format FROM signals_module
WHERE course_id = ANY(%b::int[]) ORDER BY course_id, position, id
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The courses of one version. `courses` holds all; `listed` those offered to learners."""

    version: int
    courses: Mapping[int, CourseInfo]
    listed: Mapping[int, CourseInfo]
    by_external: Mapping[str, CourseInfo]
    by_slug: Mapping[str, CourseInfo]
    formats: Mapping[int, frozenset[str]]  # how the modules of each course teach
    _modules: dict[int, tuple[ModuleInfo, ...]] = field(default_factory=dict)

    def modules(self, course_ids: Iterable[int]) -> dict[int, tuple[ModuleInfo, ...]]:
        """Return the modules of courses in order, reading unknown ones in one statement."""
        wanted = list(course_ids)
        missing = [course_id for course_id in wanted if course_id not in self._modules]
        read = _read_modules(missing) if missing else {}
        known = {i: self._modules[i] if i in self._modules else read[i] for i in wanted}
        if len(self._modules) + len(read) > HELD_COURSES:
            self._modules.clear()
        self._modules.update(read)
        return known


@dataclass(slots=True)
class _State:
    shelf: Shelf | None = None
    checked_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


_state = _State()


def shelf() -> Shelf:
    """Return the catalogue, at most a second old. Raises django.db.Error when it has never been
    read; a catalogue once read stays in use while the database is away.
    """
    held = _state.shelf
    if held is not None and monotonic() - _state.checked_at < CHECK_EVERY_S:
        return held
    if not _state.lock.acquire(blocking=held is None) and held is not None:
        return held  # another thread is reading it anew just now
    try:
        return _refreshed()
    finally:
        _state.lock.release()


def _refreshed() -> Shelf:
    held = _state.shelf
    if held is not None and monotonic() - _state.checked_at < CHECK_EVERY_S:
        return held
    try:
        row = run(_STAMP).fetchone()
        version = row[0] if row else 0
        if held is None or held.version != version:
            held = _read(version)
    except Error:
        if held is None:
            raise
    _state.shelf, _state.checked_at = held, monotonic()
    return held


def forget() -> None:
    """Read the catalogue again on next use, in this process."""
    _state.shelf = None


def _read(version: int) -> Shelf:
    courses: dict[int, CourseInfo] = {}
    listed: dict[int, CourseInfo] = {}
    formats: dict[int, frozenset[str]] = {}
    for row in run(_COURSES):
        columns = [*row[:10], tuple(row[10] or ()), tuple(row[11] or ()), row[12]]
        info = CourseInfo(*columns)
        courses[info.course_id] = info
        formats[info.course_id] = frozenset(row[14] or ())
        if row[13]:
            listed[info.course_id] = info
    return Shelf(
        version=version,
        courses=courses,
        listed=listed,
        by_external={info.external_id: info for info in courses.values()},
        by_slug={info.slug: info for info in courses.values()},
        formats=formats,
    )


def _read_modules(course_ids: Sequence[int]) -> dict[int, tuple[ModuleInfo, ...]]:
    found: dict[int, list[ModuleInfo]] = {course_id: [] for course_id in course_ids}
    for course_id, *fields in run(_MODULES, [list(course_ids)]):
        found[course_id].append(ModuleInfo(*fields))
    return {course_id: tuple(modules) for course_id, modules in found.items()}
