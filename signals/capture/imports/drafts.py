"""L1: which courses does a file describe? One row a course, or one a module with its course."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from signals.capture.imports import columns, values
from signals.capture.imports.refusals import Refusals
from signals.capture.imports.tables import read_table

LONGEST_ID = 255
LAST_POSITION = 32_767


@dataclasses.dataclass(slots=True)
class ModuleDraft:
    """A module as the file has it."""

    external_id: str
    position: int
    title: str
    minutes: int
    format: str
    text: str


@dataclasses.dataclass(slots=True)
class CourseDraft:
    """A course as the file has it."""

    row: int
    external_id: str
    title: str
    summary: str
    field: str
    level: str
    language: str
    provider: str
    minutes: int
    slug: str
    skills: list[str]
    prerequisites: list[str]
    modules: dict[str, ModuleDraft] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class Read:
    """What a file describes."""

    rows: int
    courses: dict[str, CourseDraft]


def read_courses(path: Path, *, given: Mapping[str, str], refusals: Refusals) -> Read:
    """Return the courses of a file by their external ids; refused rows are counted.

    Raises:
        tables.UnreadableFileError, columns.UnknownColumnError: nothing can be read.
    """
    table = read_table(path)
    found = columns.recognise(table.column_names, columns.CATALOGUE, given=given)
    if "course" not in found:
        raise columns.UnknownColumnError(
            f"No column names the course. Columns: {', '.join(table.column_names)}."
            " Say which with --map course=COLUMN."
        )
    courses: dict[str, CourseDraft] = {}
    wanted = [column for names in found.values() for column in names]
    for number, record in enumerate(table.select(wanted).to_pylist(), start=1):
        cells = {name: _first(record, names) for name, names in found.items()}
        _take(cells, number, courses, refusals, with_modules="module" in found)
    return Read(table.num_rows, courses)


def _first(record: Mapping[str, object], names: Sequence[str]) -> str:
    """Return the first of several columns that says something."""
    for name in names:
        value = record[name]
        if value is not None and str(value).strip() not in {"", "nan", "None"}:
            return str(value).strip().replace("\x00", "")
    return ""


def _take(
    cells: Mapping[str, str],
    number: int,
    courses: dict[str, CourseDraft],
    refusals: Refusals,
    *,
    with_modules: bool,
) -> None:
    course = cells["course"]
    if not course:
        refusals.add("the course has no id", row=number)
        return
    if len(course) > LONGEST_ID:
        refusals.add("the course's id is longer than 255 characters", row=number, value=course)
        return
    if course not in courses:
        courses[course] = _course(cells, number, own_minutes=not with_modules)
    elif not with_modules:
        refusals.add("the course stands in the file twice", row=number, value=course)
        return
    if with_modules and cells["module"]:
        _take_module(cells, number, courses[course], refusals)


def _course(cells: Mapping[str, str], number: int, *, own_minutes: bool) -> CourseDraft:
    topic, below = values.field_of(cells.get("field", ""))
    return CourseDraft(
        row=number,
        external_id=cells["course"],
        title=values.title_of(cells.get("title", ""), cells["course"])[:300],
        summary=cells.get("summary", ""),
        field=topic,
        level=values.level_of(cells.get("level", "")),
        language=values.language_of(cells.get("language", "")),
        provider=cells.get("provider", "")[:200],
        minutes=values.minutes_of(cells.get("minutes", "")) if own_minutes else 0,
        slug=cells.get("slug", ""),
        skills=values.skills_of(cells.get("skills", ""), below),
        prerequisites=values.parts(cells.get("prerequisites", "")),
    )


def _take_module(
    cells: Mapping[str, str], number: int, course: CourseDraft, refusals: Refusals
) -> None:
    module = cells["module"][:LONGEST_ID]
    if module in course.modules:
        refusals.add("the module stands in its course twice", row=number, value=module)
        return
    position = values.minutes_of(cells.get("position", "")) or len(course.modules) + 1
    draft = ModuleDraft(
        external_id=module,
        position=min(position, LAST_POSITION),
        title=(cells.get("module_title") or f"Lesson {position}")[:300],
        minutes=values.minutes_of(cells.get("minutes", "")),
        format=values.format_of(cells.get("format", "")),
        text=cells.get("text", ""),
    )
    course.modules[module] = draft
    course.minutes += draft.minutes
