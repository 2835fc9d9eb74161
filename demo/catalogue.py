"""Which courses does the demo world teach? Reads `courses/*.md`, writes the CSV to import (demo).

A course file begins with TOML between two `+++` lines; each module begins with a heading
`## Title | 12 min | video` and goes on until the next one.
"""

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

COURSES = Path(__file__).parent / "courses"
HEADING = re.compile(r"^## (?P<title>.+?) \| (?P<minutes>\d+) min \| (?P<format>\w+)\s*$", re.M)
FRONT = re.compile(r"\A\+\+\+\n(?P<toml>.*?)\n\+\+\+\n(?P<body>.*)\Z", re.S)
COLUMNS = (
    "course",
    "title",
    "field",
    "level",
    "language",
    "provider",
    "summary",
    "skills",
    "prerequisites",
    "module",
    "position",
    "module_title",
    "minutes",
    "format",
    "text",
)


@dataclass(frozen=True, slots=True)
class Module:
    """One lesson; `key` is unique in the catalogue."""

    key: str
    position: int
    title: str
    minutes: int
    format: str
    text: str


@dataclass(frozen=True, slots=True)
class Course:
    """One course as its file states it."""

    key: str
    title: str
    field: str
    level: str
    language: str
    provider: str
    summary: str
    skills: tuple[str, ...]
    prerequisites: tuple[str, ...]
    modules: tuple[Module, ...]

    @property
    def minutes(self) -> int:
        """Return the minutes of all modules."""
        return sum(module.minutes for module in self.modules)


class CourseFileError(ValueError):
    """A course file cannot be read; the text names the file and the place."""


def read_course(path: Path) -> Course:
    """Return one course; raise CourseFileError where the file does not follow the format."""
    parts = FRONT.match(path.read_text(encoding="utf-8"))
    if not parts:
        raise CourseFileError(f"{path.name}: begin with TOML between two +++ lines.")
    about = tomllib.loads(parts["toml"])
    if about["id"] != path.stem:
        raise CourseFileError(f"{path.name}: id is {about['id']!r}; name the file after it.")
    modules = tuple(_modules(about["id"], parts["body"]))
    if not modules:
        raise CourseFileError(f"{path.name}: no heading like '## Title | 12 min | video'.")
    return Course(
        key=about["id"],
        title=about["title"],
        field=about["field"],
        level=about["level"],
        language=about["language"],
        provider=about["provider"],
        summary=about["summary"],
        skills=tuple(about["skills"]),
        prerequisites=tuple(about["prerequisites"]),
        modules=modules,
    )


def _modules(course: str, body: str) -> Iterator[Module]:
    headings = list(HEADING.finditer(body))
    ends = [heading.start() for heading in headings[1:]] + [len(body)]
    for position, (heading, end) in enumerate(zip(headings, ends, strict=True), start=1):
        yield Module(
            key=f"{course}/{position}",
            position=position,
            title=heading["title"],
            minutes=int(heading["minutes"]),
            format=heading["format"],
            text=body[heading.end() : end].strip(),
        )


def read_courses(folder: Path = COURSES) -> tuple[Course, ...]:
    """Return all courses, sorted by key."""
    return tuple(read_course(path) for path in sorted(folder.glob("*.md")))


def write_csv(courses: Iterable[Course], target: Path) -> int:
    """Write a row a module for `manage.py import_catalogue`; return the number of rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = [_row(course, module) for course in courses for module in course.modules]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


def _row(course: Course, module: Module) -> tuple[str | int, ...]:
    return (
        course.key,
        course.title,
        course.field,
        course.level,
        course.language,
        course.provider,
        course.summary,
        ";".join(course.skills),
        ";".join(course.prerequisites),
        module.key,
        module.position,
        module.title,
        module.minutes,
        module.format,
        module.text,
    )
