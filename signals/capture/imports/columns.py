"""L1: which column of a file means what? Known by the names such files commonly use."""

from collections.abc import Iterable, Mapping, Sequence

CATALOGUE: Mapping[str, tuple[str, ...]] = {
    "course": (
        "course",
        "course_id",
        "courseid",
        "id",
        "external_id",
        "item",
        "item_id",
        "code",
        "course_key",
        "course_idx",
        "course_idx2",
        "program_id",
        "url",
        "link",
    ),
    "title": ("title", "course_title", "name", "course_name", "prog_title"),
    "summary": ("summary", "about", "description", "short_description", "prog_description"),
    "field": ("field", "fields", "category", "belong_to_category", "subject", "domain", "topic"),
    "level": ("level", "taught_in_level", "difficulty", "course_level"),
    "language": ("language", "taught_in_language", "course_language", "lang"),
    "provider": (
        "provider",
        "school",
        "schools",
        "university",
        "university_name",
        "institution",
        "org",
        "organization",
        "org_id",
    ),
    "skills": (
        "skills",
        "key_concepts",
        "related_to_concept",
        "concepts",
        "course_skills",
        "prog_lo_skills",
        "tags",
        "keywords",
    ),
    "prerequisites": ("prerequisites", "prerequisite", "prereqs", "requires"),
    "slug": ("slug",),
    "module": ("module", "module_id", "lesson", "lesson_id"),
    "module_title": ("module_title", "lesson_title", "module_name"),
    "position": ("position", "module_position", "module_order", "lesson_order"),
    "minutes": ("minutes", "duration_minutes", "module_minutes", "time_required", "duration"),
    "format": ("format", "module_format", "lesson_format"),
    "text": ("text", "module_text", "content", "body"),
}
INTERACTIONS: Mapping[str, tuple[str, ...]] = {
    "learner": ("learner", "learner_id", "user", "user_id", "userid", "student", "student_id"),
    "course": ("course", "course_id", "item", "item_id", "courseid"),
    "time": ("time", "timestamp", "ts", "occurred_at", "enrolled_at", "created_at", "date"),
    "order": ("order", "pos", "position", "rank", "sequence"),
}


class UnknownColumnError(ValueError):
    """A column that is asked for is not in the file; the text lists those that are."""


def recognise(
    names: Sequence[str],
    known: Mapping[str, tuple[str, ...]],
    *,
    given: Mapping[str, str] | None = None,
) -> dict[str, list[str]]:
    """Return for each field the columns that may hold it, the likeliest first.

    `given` (field -> column) comes before any name. A column serves one field.
    """
    given = given or {}
    _check(given, names, known)
    plain = {name.strip().lower().replace(" ", "_"): name for name in names}
    taken = set(given.values())
    found: dict[str, list[str]] = {field: [column] for field, column in given.items()}
    for field, usual in known.items():
        if field in given:
            continue
        columns = [plain[name] for name in usual if name in plain and plain[name] not in taken]
        if field == "course":  # one column alone is the id; another may be the title
            columns = columns[:1]
        if columns:
            found[field] = columns
            taken.update(columns)
    return found


def _check(given: Mapping[str, str], names: Iterable[str], known: Mapping[str, object]) -> None:
    have = list(names)
    for field, column in given.items():
        if field not in known:
            raise UnknownColumnError(f"There is no field {field!r}. Fields: {', '.join(known)}.")
        if column not in have:
            raise UnknownColumnError(f"There is no column {column!r}. Columns: {', '.join(have)}.")
