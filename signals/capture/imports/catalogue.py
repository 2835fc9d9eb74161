"""L1: how does a catalogue come in? Upserts courses, modules, skills and prerequisites of a file.

Courses and modules are known by their external ids; what the file does not name stays as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from signals.capture.imports.drafts import CourseDraft, read_courses
from signals.capture.imports.entry import enter
from signals.capture.imports.refusals import Refusals
from signals.capture.imports.statistics import count_anew
from signals.data import Actor
from signals.derive.corrections import apply_again, one_order_at_a_time
from signals.models import Course, Module, Skill, shelf

CHUNK = 1000
LONGEST_SLUG = 100
TOUCHED = (Course, Module, Skill, Course.skills.through, Course.prerequisites.through)
_COURSE_FIELDS = ("title", "summary", "field", "level", "language", "provider", "minutes")
_MODULE_FIELDS = ("position", "title", "minutes", "format", "text")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """What became of a file; `refused` counts rows and parts of rows (a prerequisite)."""

    rows_read: int
    created: int
    updated: int
    unchanged: int
    modules_created: int
    modules_updated: int
    skills: int
    prerequisites: int
    refused: int
    reasons: list[dict[str, object]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def import_catalogue(
    path: Path, *, given: Mapping[str, str], actor: Actor, now: datetime, say: Say
) -> CatalogueReport:
    """Upsert the catalogue of a file in one transaction, with its ledger entry.

    Progress is told to `say`.

    Raises:
        ValueError: the file or its columns cannot be read; nothing was changed.
    """
    refusals = Refusals()
    read = read_courses(path, given=given, refusals=refusals)
    say(f"read {read.rows} rows: {len(read.courses)} courses")
    with transaction.atomic():
        ids, created, updated = _courses(read.courses.values(), now=now)
        say(f"courses: {created} created, {updated} updated")
        modules_created, modules_updated = _modules(read.courses.values(), ids)
        say(f"modules: {modules_created} created, {modules_updated} updated")
        skills = _skills(read.courses.values(), ids)
        one_order_at_a_time()
        pairs = _prerequisites(read.courses.values(), ids, refusals)
        say(f"skills: {skills}, prerequisites: {pairs}")
        apply_again(ids.values(), now=now)
        report = CatalogueReport(
            rows_read=read.rows,
            created=created,
            updated=updated,
            unchanged=len(read.courses) - created - updated,
            modules_created=modules_created,
            modules_updated=modules_updated,
            skills=skills,
            prerequisites=pairs,
            refused=refusals.total(),
            reasons=refusals.report(),
        )
        enter("catalogue", path, report.as_dict(), actor=actor, now=now)
    count_anew(TOUCHED)
    shelf.forget()
    return report


def _courses(drafts: Iterable[CourseDraft], *, now: datetime) -> tuple[dict[str, int], int, int]:
    """Upsert courses; return their numbers by external id, how many are new and how many differ."""
    wanted = {draft.external_id: draft for draft in drafts}
    known = {row.external_id: row for row in Course.objects.filter(external_id__in=wanted)}
    slugs = set(Course.objects.values_list("slug", flat=True))
    fresh: list[Course] = []
    changed: list[Course] = []
    for name, draft in wanted.items():
        row = known.get(name)
        content = {column: getattr(draft, column) for column in _COURSE_FIELDS}
        if row is None:
            slug = _free_slug(draft, slugs)
            times = {"created_at": now, "updated_at": now}
            fresh.append(Course(external_id=name, slug=slug, **content, **times))
        elif any(getattr(row, column) != value for column, value in content.items()):
            for column, value in content.items():
                setattr(row, column, value)
            row.updated_at = now
            changed.append(row)
    Course.objects.bulk_create(fresh, batch_size=CHUNK)
    Course.objects.bulk_update(changed, [*_COURSE_FIELDS, "updated_at"], batch_size=CHUNK)
    numbers = {row.external_id: row.pk for row in (*known.values(), *fresh)}
    return numbers, len(fresh), len(changed)


def _free_slug(draft: CourseDraft, taken: set[str]) -> str:
    base = slugify(draft.slug or draft.title)[:LONGEST_SLUG].strip("-")
    own = slugify(draft.external_id)[:LONGEST_SLUG].strip("-")
    base = base or f"course-{own or draft.row}"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _modules(drafts: Iterable[CourseDraft], ids: Mapping[str, int]) -> tuple[int, int]:
    wanted = {
        (ids[draft.external_id], module.external_id): module
        for draft in drafts
        for module in draft.modules.values()
    }
    courses = {course_id for course_id, _ in wanted}
    known = {
        (row.course_id, row.external_id): row for row in Module.objects.filter(course__in=courses)
    }
    fresh: list[Module] = []
    changed: list[Module] = []
    for key, draft in wanted.items():
        content = {column: getattr(draft, column) for column in _MODULE_FIELDS}
        row = known.get(key)
        if row is None:
            fresh.append(Module(course_id=key[0], external_id=key[1], **content))
        elif any(getattr(row, column) != value for column, value in content.items()):
            for column, value in content.items():
                setattr(row, column, value)
            changed.append(row)
    Module.objects.bulk_create(fresh, batch_size=CHUNK)
    Module.objects.bulk_update(changed, _MODULE_FIELDS, batch_size=CHUNK)
    return len(fresh), len(changed)


def _skills(drafts: Iterable[CourseDraft], ids: Mapping[str, int]) -> int:
    """Make the skills of these courses what the file says; return how many there are."""
    links = [(ids[draft.external_id], name) for draft in drafts for name in draft.skills]
    names = {name for _, name in links}
    Skill.objects.bulk_create(
        [Skill(name=name) for name in sorted(names)], ignore_conflicts=True, batch_size=CHUNK
    )
    numbers = dict(Skill.objects.filter(name__in=names).values_list("name", "id"))
    _replace_links(
        Course.skills.through,
        ("course_id", "skill_id"),
        set(ids.values()),
        {(course_id, numbers[name]) for course_id, name in links},
    )
    return len(names)


def _prerequisites(
    drafts: Iterable[CourseDraft], ids: Mapping[str, int], refusals: Refusals
) -> int:
    """Resolve prerequisites by id, then by title; refuse what leads nowhere or in a circle."""
    everywhere = dict(Course.objects.values_list("external_id", "id"))
    titles = {
        title.casefold(): number for title, number in Course.objects.values_list("title", "id")
    }
    before: dict[int, set[int]] = {}
    for draft in drafts:
        course = ids[draft.external_id]
        for name in draft.prerequisites:
            found = everywhere.get(name) or titles.get(name.casefold())
            if found is None:
                reason = "the prerequisite is no course of the catalogue"
                refusals.add(reason, row=draft.row, value=name)
            elif _reaches(before, found, course):
                refusals.add("the prerequisite leads in a circle", row=draft.row, value=name)
            else:
                before.setdefault(course, set()).add(found)
    pairs = {(course, found) for course, several in before.items() for found in several}
    _replace_links(
        Course.prerequisites.through,
        ("from_course_id", "to_course_id"),
        set(ids.values()),
        pairs,
    )
    return len(pairs)


def _reaches(before: Mapping[int, set[int]], start: int, goal: int) -> bool:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        course = waiting.pop()
        if course == goal:
            return True
        if course not in seen:
            seen.add(course)
            waiting.extend(before.get(course, ()))
    return False


def _replace_links(
    through: Any, columns: tuple[str, str], owners: set[int], wanted: set[tuple[int, int]]
) -> None:
    owner, other = columns
    rows = through.objects.filter(**{f"{owner}__in": owners})
    held = {(row[1], row[2]): row[0] for row in rows.values_list("id", owner, other)}
    gone = [number for pair, number in held.items() if pair not in wanted]
    for start in range(0, len(gone), CHUNK):
        through.objects.filter(id__in=gone[start : start + CHUNK]).delete()
    fresh = [through(**{owner: a, other: b}) for a, b in sorted(wanted - held.keys())]
    through.objects.bulk_create(fresh, batch_size=CHUNK)
