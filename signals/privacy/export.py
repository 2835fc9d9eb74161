"""L1 and L2: what do we hold about a learner? Everything, as JSON, from every app.

Codes are handed out as the names they stand for, and courses with their titles, so that a copy
can be read without us. The few columns that are not in it are declared with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet

from signals import ledger, sealing
from signals.data import Actor, ActorKind, CourseInfo
from signals.kinds.registry import KINDS
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
    Membership,
    PrivacyRequest,
    QualityFinding,
    SearchQuery,
)
from signals.models.shelf import shelf
from signals.privacy import gate, identity, registry, requests

_OPENED = "sealed: what is under the seal is handed out in clear, beside it"
_HASH = "a keyed hash of what is handed out in clear"
_MEASURED = "sums over the events of this copy, packed for the arithmetic of an experiment"
_PLAYED = "what a model says of the lists of this copy, made again from them every ten minutes"
_WORK = "work that waits to be done; what comes of it is handed out"

# Columns about a learner that are not in the copy, each with its reason: "app.model.column".
WITHHELD: Mapping[str, str] = MappingProxyType(
    {
        "signals.account.password": "a hash that would help whoever finds a copy to sign in",
        "signals.account.sealed": _OPENED,
        "signals.event.tx": "the number of a database transaction, which says nothing of anybody",
        "signals.exposure.measured": _MEASURED,
        "signals.exposure.measured_form": _MEASURED,
        "signals.exposure.measured_to": _MEASURED,
        "signals.searchquery.sealed": _OPENED,
        "signals.forumpost.sealed": _OPENED,
        "signals.identity.lookup": _HASH,
        "signals.identity.sealed": _OPENED,
        "signals.identity.learner_id": "the number is the head of the copy",
        "signals.datakey.learner_id": "the key opens the seals: it never leaves its database",
        "signals.datakey.sealed": "the key opens the seals: it never leaves its database",
        "signals.pendinglearner.reader": _WORK,
        "signals.pendinglearner.learner_id": _WORK,
        "signals.document.id": "the number of a row, by which nobody asks for it",
        "signals.document.sealed": _OPENED,
        "signals.document.place": _HASH,
        "signals.document.registration": _HASH,
        "signals.document.name": _HASH,
        **{
            f"personalize.scoredrequest.{column}": _PLAYED
            for column in ("id", "request_id", "served_at", "learner_id", "own", "of", "body")
        },
    }
)

CHUNK = 500  # rows in memory at once
LOG_MOST = 1_000_000  # entries of the ledger about one learner

_KINDS = {kind.code: name for name, kind in KINDS.items()}
_SIGN_INS = (AccessAttempt, AccessFailureLog, AccessLog)


def export_learner(learner_id: int) -> dict[str, object]:
    """Return all that is held about a learner, by app and table; texts opened."""
    return {name: _at_hand(held) for name, held in parts(learner_id)}


def parts(learner_id: int) -> Iterator[tuple[str, object]]:
    """Yield the same by part, for a copy that is handed out while it is read.

    A table is an iterator of rows where it may be long: it is read as it is asked for.
    """
    yield "learner_id", learner_id
    yield "external_id", identity.external_id(learner_id)
    yield from registry.exports(learner_id)


def _at_hand(held: object) -> object:
    if isinstance(held, dict):
        return {name: _at_hand(one) for name, one in held.items()}
    return list(held) if isinstance(held, Iterator) else held


def write_down(learner_id: int, *, actor: Actor, now: datetime) -> None:
    """Keep that a copy was handed out, and to whom; ErasedLearnerError for who is gone."""
    with transaction.atomic():
        gate.require_here(learner_id)
        requests.done(PrivacyRequest.Kind.EXPORT, learner_id=learner_id, actor=actor, now=now)
        ledger.append(
            actor=actor,
            action="learner.exported",
            subject=f"learner:{learner_id}",
            detail={},
            now=now,
        )


def own_tables(learner_id: int) -> dict[str, Iterator[dict[str, object]]]:
    """Return what signals itself holds about a learner, each table to be read when it is."""
    about = {"learner_id": learner_id}
    accounts = Account.objects.filter(**about)
    return {
        "learner": _rows(Learner.objects.filter(**about)),
        "account": _rows(accounts),
        "account_edits": _edits(accounts),
        "sign_ins": _sign_ins(accounts),
        "consent": _rows(Consent.objects.filter(**about)),
        "requests": _rows(PrivacyRequest.objects.filter(subject=learner_id).order_by("asked_at")),
        "consent_changes": _rows(ConsentChange.objects.filter(**about).order_by("at", "pk")),
        "log": _log(learner_id),
        "courses": _rows(LearnerCourse.objects.filter(**about).order_by("course_id")),
        "modules": _rows(LearnerModule.objects.filter(**about).order_by("module_id")),
        "events": _events(Event.objects.filter(**about).order_by("occurred_at")),
        "features": _rows(LearnerFeature.objects.filter(**about)),
        "formats": _rows(FormatObservation.objects.filter(**about).order_by("format")),
        "sessions": _rows(LearnerSession.objects.filter(**about).order_by("began_at")),
        "quality": _rows(LearnerQuality.objects.filter(**about)),
        "quality_findings": _rows(QualityFinding.objects.filter(**about).order_by("day", "rule")),
        "quality_courses": _rows(DoubtfulCourse.objects.filter(**about).order_by("course_id")),
        "exposures": _rows(Exposure.objects.filter(**about).order_by("experiment")),
        "groups": _rows(Membership.objects.filter(**about).order_by("kind")),
        "searches": _with_texts(SearchQuery.objects.filter(**about).order_by("searched_at")),
        "forum_posts": _with_texts(ForumPost.objects.filter(**about).order_by("posted_at")),
    }


def _edits(accounts: QuerySet[Account]) -> Iterator[dict[str, object]]:
    """Return what the admin pages noted of changes to the account."""
    kind = ContentType.objects.get_for_model(Account)
    numbers = [str(number) for number in accounts.values_list("pk", flat=True)]
    edits = LogEntry.objects.filter(content_type=kind, object_id__in=numbers).order_by("pk")
    yield from _rows(edits)


def _sign_ins(accounts: QuerySet[Account]) -> Iterator[dict[str, object]]:
    """Return what was kept of signing in, and of failing to."""
    names = list(accounts.values_list("username", flat=True))
    for model in _SIGN_INS:
        yield from _rows(model.objects.filter(username__in=names).order_by("pk"))


def _log(learner_id: int) -> Iterator[dict[str, object]]:
    """Return who did what with the learner's data, from the ledger."""
    rows = ledger.rows(limit=LOG_MOST, subject=f"learner:{learner_id}")
    yield from _in_words(
        {
            "sequence": row.sequence,
            "at": str(row.at),
            "actor": row.actor,
            "action": row.action,
            "detail": dict(row.detail),
        }
        for row in reversed(rows)
    )


def _rows(found: QuerySet[Any]) -> Iterator[dict[str, object]]:
    return _in_words(_plain(row) for row in found.iterator(CHUNK))


def _events(found: QuerySet[Event]) -> Iterator[dict[str, object]]:
    for row in _rows(found):
        kind = row["kind"]
        yield row | {"kind": _KINDS.get(kind, kind) if isinstance(kind, int) else kind}


def _with_texts(found: QuerySet[Any]) -> Iterator[dict[str, object]]:
    kept = found.iterator(CHUNK)
    while rows := list(islice(kept, CHUNK)):
        texts = sealing.unseal_many((row.learner_id, bytes(row.sealed)) for row in rows)
        yield from _in_words(
            {**_plain(row), "text": text.decode() if text is not None else None}
            for row, text in zip(rows, texts, strict=True)
        )


def _plain(row: Model) -> dict[str, object]:
    return {
        field.attname: _json(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.column and f"{row._meta.label_lower}.{field.attname}" not in WITHHELD
    }


def _in_words(rows: Iterable[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Yield rows with the title beside a course's number, kinds by name, and no name of staff."""
    courses = shelf().courses
    for row in rows:
        yield {name: _word(name, value) for name, value in row.items()} | _title(row, courses)


def _word(name: str, value: object) -> object:
    if name == "actor" and str(value).startswith(f"{ActorKind.STAFF}:"):
        return ActorKind.STAFF.value
    return value


def _title(row: Mapping[str, object], courses: Mapping[int, CourseInfo]) -> dict[str, object]:
    if "course_id" not in row:
        return {}
    course_id = row["course_id"]
    info = courses.get(course_id) if isinstance(course_id, int) else None
    return {"course": None if info is None else info.title}


def _json(value: object) -> object:
    plain = (int, float, bool, dict, list, type(None))
    return value if isinstance(value, plain) else str(value)
