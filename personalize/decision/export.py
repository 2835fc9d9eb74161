"""What does personalize hold about a learner? (L4) All of it, as JSON can hold it, in words."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Model

from experiments.data import Team
from personalize.decision import inputs
from personalize.decision import log as decisions
from personalize.decision.explanations import stored_parts
from personalize.decision.parts import named
from personalize.decision.surfaces import BY_CODE
from personalize.models import (
    Decision,
    Feedback,
    InterestChange,
    LearningPath,
    PathChange,
    Profile,
    UnusedCourse,
)
from personalize.models.decisions import INTENT_CODES, SLOT_CODES, SOURCE_CODES

_SOURCES, _SLOTS, _INTENTS = (
    {code: name for name, code in codes.items()}
    for codes in (SOURCE_CODES, SLOT_CODES, INTENT_CODES)
)


def export(learner_id: int) -> dict[str, object]:
    """Return what a learner stated, said of courses, and was recommended and why."""
    decisions.flush()
    about = {"learner_id": learner_id}
    served = Decision.objects.filter(**about).order_by("served_at", "request_id")
    return {
        "profile": [_row(row) for row in Profile.objects.filter(**about)],
        "interest_changes": [
            _row(row) for row in InterestChange.objects.filter(**about).order_by("pk")
        ],
        "path": [_row(row) for row in LearningPath.objects.filter(**about)],
        "path_changes": [_row(row) for row in PathChange.objects.filter(**about).order_by("pk")],
        "feedback": [_row(row) for row in Feedback.objects.filter(**about).order_by("at", "pk")],
        "not_to_count": [_row(row) for row in UnusedCourse.objects.filter(**about).order_by("at")],
        "recommendations": [_decision(row) for row in served.iterator()],
    }


def _decision(row: Decision) -> dict[str, object]:
    """Return a decision with names for its codes, and its reasons a course."""
    said = _row(row)
    said["surface"] = BY_CODE[row.surface].key if row.surface in BY_CODE else row.surface
    said["source"] = _name(_SOURCES, row.source)
    said["intent"] = _name(_INTENTS, row.intent)
    said["slots"] = [_name(_SLOTS, slot) for slot in row.slots]
    if row.teams is not None:
        said["teams"] = [Team(code).name.lower() for code in row.teams]
    said["inputs"] = inputs.in_words(bytes(row.inputs)) if row.inputs else None
    said["reasons"] = [dict(named(parts)) for parts in stored_parts(row).listed()]
    return said


def _name(names: dict[int, Any], code: int) -> object:
    return names[code].value if code in names else None


def _row(row: Model) -> dict[str, object]:
    fields = [field for field in row._meta.concrete_fields if field.column]
    return {field.attname: _plain(getattr(row, field.attname)) for field in fields}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
