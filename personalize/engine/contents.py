"""What does the catalogue say of the courses a model is fitted on? (L3) Its words, as vectors."""

from collections.abc import Iterable

import scipy.sparse as sp

from personalize.algorithms.about import Said, vectors
from signals.data import CourseInfo


def about(courses: Iterable[CourseInfo | None]) -> sp.csr_matrix | None:
    """Return one row a course, empty for one the catalogue lacks; None where none says anything."""
    return vectors([_said(course) if course else Said("") for course in courses])


def _said(course: CourseInfo) -> Said:
    stated = {
        "field": course.field,
        "provider": course.provider,
        "level": course.level,
        "language": course.language,
    }
    return Said(
        title=course.title,
        skills=course.skills,
        tags=[f"{name} {value}" for name, value in stated.items() if value],
    )
