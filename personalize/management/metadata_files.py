"""Which columns of a file say what of courses, programmes and concepts? Rows for evaluation (L3).

Columns are recognised by their common names. Nothing here needs a database.
"""

import ast
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet
from django.core.management.base import CommandError

from personalize.algorithms.metadata.concepts import Concepts
from personalize.algorithms.metadata.sequence import Step
from personalize.algorithms.metadata.texts import CourseText

Row = Mapping[str, Any]

NAMES: Mapping[str, tuple[str, ...]] = {
    "key": ("link", "url", "course_id", "id", "course_name", "course_title", "title"),
    "title": ("course_name", "course_title", "name", "title"),
    "text": ("description", "summary", "about"),
    "skills": ("course_skills", "skills"),
    "level": ("level", "difficulty"),
    "withheld": ("labels_withheld",),
    "provider": ("university_name", "provider", "organization", "org"),
    "language": ("course_language", "language"),
    "type": ("course_type", "type"),
    "hours": ("time_required", "hours", "duration"),
    "rating": ("course_rating", "rating"),
    "learners": ("n_subscribers", "learners", "enrolled"),
    "subtitles": ("course_subtitles", "subtitles"),
    "programme": ("program_id", "programme_id", "specialization", "program"),
    "order": ("order", "position", "pos"),
    "later": ("topic_a",),
    "before": ("topic_b",),
    "needed": ("relation", "label"),
    "content": ("content", "text"),
    "marked": ("tagged_content",),
}
NOTHING = frozenset({"", "na", "nan", "none", "not-mentioned"})
PARTS = 5  # a fifth of what is labelled is held out
HOURS = (4, 8, 12, 16, 20, 25, 30, 40, 60)  # a course is of one of these lengths
USUAL_RATING, USUAL_LEARNERS = 4.6, 10_000.0  # where none is told
_ONE_HOUR = re.compile(r"\bone\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One course of a catalogue with what is known of it; empty where nothing is."""

    key: str
    course: CourseText
    skills: tuple[str, ...]
    level: str
    withheld: bool

    @property
    def held_out(self) -> bool:
        """Say whether it is of the fifth nobody learns from, by the hash of its key."""
        return part_of(self.key, PARTS) == 0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of concepts with their figures, and which of them are needs."""

    concepts: Concepts
    later: Sequence[int]
    before: Sequence[int]
    needed: Sequence[bool]


@dataclass(slots=True)
class Programme:
    """The courses of a programme as they stand in a file, and their order where it is known."""

    steps: list[Step] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    order: list[float] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Say whether the order of all its courses is known."""
        return len(self.order) > 1 and not any(math.isnan(one) for one in self.order)


def part_of(key: str, parts: int) -> int:
    """Return to which of some parts a key belongs, by its hash."""
    return int.from_bytes(sha256(key.encode()).digest(), "big") % parts


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a .parquet, .csv or .csv.gz file. Raises CommandError."""
    if not path.is_file():
        raise CommandError(f"{path} is not there; give the path of a .parquet, .csv or .csv.gz")
    if path.suffix == ".parquet":
        table = pyarrow.parquet.read_table(path)
    else:
        lines = pyarrow.csv.ParseOptions(newlines_in_values=True)
        table = pyarrow.csv.read_csv(path, parse_options=lines)
    return list(table.to_pylist())


def catalogue(path: Path) -> list[Labelled]:
    """Return the courses of a catalogue. Raises CommandError where a column is missing."""
    rows = read_rows(path)
    columns = _columns(rows, path, needed=("title",))
    return [_labelled(row, columns) for row in rows]


def labels(path: Path) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return skills and level by key of the courses whose labels a catalogue keeps back."""
    rows = read_rows(path)
    columns = _columns(rows, path, needed=("key",))
    return {
        _text(row, columns, "key"): (
            _skills(row.get(columns.get("skills", ""))),
            _level(row, columns),
        )
        for row in rows
    }


def pairs(path: Path, text: Path) -> Pairs:
    """Return the pairs of a file with the figures a text gives them. Raises CommandError."""
    rows, sections = read_rows(path), read_rows(text)
    of_pairs = _columns(rows, path, needed=("later", "before", "needed"))
    of_text = _columns(sections, text, needed=("title", "content"))
    both = [(_text(r, of_pairs, "later"), _text(r, of_pairs, "before")) for r in rows]
    names = sorted({name for pair in both for name in pair})
    place = {name: number for number, name in enumerate(names)}
    marked = "marked" in of_text
    concepts = Concepts.of(
        names,
        [(_text(s, of_text, "title"), _text(s, of_text, "content")) for s in sections],
        [_text(s, of_text, "marked").split("|") for s in sections] if marked else (),
    )
    return Pairs(
        concepts,
        [place[a] for a, _ in both],
        [place[b] for _, b in both],
        [bool(row[of_pairs["needed"]]) for row in rows],
    )


def programmes(path: Path, *, order: Path | None = None) -> dict[str, Programme]:
    """Return the programmes of a file of courses; `order` is another file that has the order.

    The order of a course is its own, or that of the same programme and course in the other file.
    """
    rows = read_rows(path)
    columns = _columns(rows, path, needed=("title", "programme"))
    places = _places(order) if order else {}
    titles = _titles(path)
    found: dict[str, Programme] = {}
    for row in rows:
        name, key = _text(row, columns, "programme"), _text(row, columns, "key")
        own = row.get(columns.get("order", "")) if not order else places.get((name, key))
        one = found.setdefault(name, Programme())
        title, text = _text(row, columns, "title"), _text(row, columns, "text")
        one.steps.append(Step(title, text, titles.get(name, "")))
        one.keys.append(key or title)
        one.order.append(math.nan if own is None else float(own))
    return found


def _places(path: Path) -> dict[tuple[str, str], float | None]:
    rows = read_rows(path)
    columns = _columns(rows, path, needed=("programme", "order", "key"))
    return {
        (_text(row, columns, "programme"), _text(row, columns, "key")): row[columns["order"]]
        for row in rows
    }


def _titles(path: Path) -> dict[str, str]:
    """Return the titles of programmes from the file beside that of their courses, if any."""
    beside = path.with_name(path.name.replace("specialization_courses", "programs"))
    if beside == path or not beside.is_file():
        return {}
    return {str(row["program_id"]): str(row.get("prog_title") or "") for row in read_rows(beside)}


def _columns(rows: Sequence[Row], path: Path, *, needed: Sequence[str]) -> dict[str, str]:
    if not rows:
        raise CommandError(f"{path} has no rows.")
    held = {name.lower(): name for name in rows[0]}
    found = {
        meaning: held[name]
        for meaning, usual in NAMES.items()
        for name in reversed(usual)
        if name in held
    }
    missing = [meaning for meaning in needed if meaning not in found]
    if missing:
        usual = "; ".join(f"{one}: {', '.join(NAMES[one])}" for one in missing)
        raise CommandError(f"{path} lacks a column. Call it one of {usual}.")
    return found


def _text(row: Row, columns: Mapping[str, str], meaning: str) -> str:
    value = row.get(columns.get(meaning, ""))
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in NOTHING else text


def _labelled(row: Row, columns: Mapping[str, str]) -> Labelled:
    facts = tuple(
        f"{meaning}: {value}"
        for meaning in ("provider", "language", "type")
        if (value := _text(row, columns, meaning))
    )
    hours = _hours(_text(row, columns, "hours"))
    rating, learners = (_number(_text(row, columns, name)) for name in ("rating", "learners"))
    return Labelled(
        key=_text(row, columns, "key"),
        course=CourseText(
            title=_text(row, columns, "title"),
            text=_text(row, columns, "text"),
            facts=(*facts, f"hours: {sum(hours > least for least in HOURS)}"),
            numbers=(
                math.log1p(hours),
                USUAL_RATING if rating is None else rating,
                float(rating is None),
                math.log1p(USUAL_LEARNERS if learners is None else learners),
                float(learners is None),
                float(_text(row, columns, "subtitles").count(",")),
            ),
        ),
        skills=_skills(row.get(columns.get("skills", ""))),
        level=_level(row, columns),
        withheld=str(row.get(columns.get("withheld", ""))).lower() == "true",
    )


def _level(row: Row, columns: Mapping[str, str]) -> str:
    return _text(row, columns, "level").lower()


def _number(text: str) -> float | None:
    found = re.search(r"\d[\d,]*(?:\.\d+)?", text)
    return float(found[0].replace(",", "")) if found else None


def _hours(text: str) -> float:
    found = re.search(r"\d+(?:\.\d+)?", text)
    return float(found[0]) if found else float(bool(_ONE_HOUR.search(text)))


def _skills(value: object) -> tuple[str, ...]:
    """Return skills in small letters: of a list, of one written as in Python, or between commas."""
    if value is None or str(value).strip().lower() in NOTHING:
        return ()
    if isinstance(value, str) and value.strip().startswith("["):
        value = ast.literal_eval(value)
    parts = value if isinstance(value, list) else str(value).split(",")
    return tuple(sorted({str(one).strip().lower() for one in parts if str(one).strip()}))
