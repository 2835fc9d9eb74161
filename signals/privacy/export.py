"""L1 and L2: what do we hold about a learner? Everything, as JSON, from every app."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from signals import ledger, sealing
from signals.data import Actor
from signals.models import (
    Account,
    Consent,
    ConsentChange,
    DoubtfulCourse,
    Event,
    Exposure,
    FormatObservation,
    ForumPost,
    Learner,
    LearnerCourse,
    LearnerFeature,
    LearnerModule,
    LearnerQuality,
    LearnerSession,
    PrivacyRequest,
    QualityFinding,
    SearchQuery,
)
from signals.privacy import identity, registry, requests

_HIDDEN = {"sealed", "password", "tx"}


def export_learner(learner_id: int) -> dict[str, object]:
    """Return all that is held about a learner, by app and table; texts opened."""
    return {
        "learner_id": learner_id,
        "external_id": identity.external_id(learner_id),
        **registry.export_everywhere(learner_id),
    }


def write_down(learner_id: int, *, actor: Actor, now: datetime) -> None:
    """Keep that a copy was handed out, and to whom."""
    with transaction.atomic():
        requests.done(PrivacyRequest.Kind.EXPORT, learner_id=learner_id, actor=actor, now=now)
        ledger.append(
            actor=actor,
            action="learner.exported",
            subject=f"learner:{learner_id}",
            detail={},
            now=now,
        )


def own_tables(learner_id: int) -> dict[str, list[dict[str, object]]]:
    """Return what signals itself holds about a learner."""
    about = {"learner_id": learner_id}
    return {
        "learner": _rows(Learner.objects.filter(**about)),
        "account": _rows(Account.objects.filter(**about)),
        "consent": _rows(Consent.objects.filter(**about)),
        "requests": _rows(PrivacyRequest.objects.filter(subject=learner_id).order_by("asked_at")),
        "consent_changes": _rows(ConsentChange.objects.filter(**about).order_by("at", "pk")),
        "courses": _rows(LearnerCourse.objects.filter(**about).order_by("course_id")),
        "modules": _rows(LearnerModule.objects.filter(**about).order_by("module_id")),
        "events": _rows(Event.objects.filter(**about).order_by("occurred_at")),
        "features": _rows(LearnerFeature.objects.filter(**about)),
        "formats": _rows(FormatObservation.objects.filter(**about).order_by("format")),
        "sessions": _rows(LearnerSession.objects.filter(**about).order_by("began_at")),
        "quality": _rows(LearnerQuality.objects.filter(**about)),
        "quality_findings": _rows(QualityFinding.objects.filter(**about).order_by("day", "rule")),
        "quality_courses": _rows(DoubtfulCourse.objects.filter(**about).order_by("course_id")),
        "exposures": _rows(Exposure.objects.filter(**about).order_by("experiment")),
        "searches": _with_texts(SearchQuery.objects.filter(**about).order_by("searched_at")),
        "forum_posts": _with_texts(ForumPost.objects.filter(**about).order_by("posted_at")),
    }


def _rows(found: QuerySet[Any]) -> list[dict[str, object]]:
    return [_plain(row) for row in found.iterator()]


def _with_texts(found: QuerySet[Any]) -> list[dict[str, object]]:
    rows = list(found)
    texts = sealing.unseal_many((row.learner_id, bytes(row.sealed)) for row in rows)
    return [
        {**_plain(row), "text": text.decode() if text is not None else None}
        for row, text in zip(rows, texts, strict=True)
    ]


def _plain(row: Model) -> dict[str, object]:
    fields = [field for field in row._meta.concrete_fields if field.name not in _HIDDEN]
    return {field.attname: _json(getattr(row, field.attname)) for field in fields if field.column}


def _json(value: object) -> object:
    return value if isinstance(value, (int, float, bool, dict, type(None))) else str(value)
