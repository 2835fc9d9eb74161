"""L1: what have learners asked of us, until when is it due, and what was done about it?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from signals.data import Actor, ActorKind, RequestRow, RequestStep
from signals.models import PrivacyRequest

DUE = timedelta(days=30)  # the GDPR's month, counted short
KEPT = timedelta(days=3 * 365)  # proof of what was done, without whom it was done for

Kind = PrivacyRequest.Kind


def open_request(kind: Kind, *, learner_id: int, actor: Actor, now: datetime) -> PrivacyRequest:
    """Write down what was asked for; it is due in a month."""
    return PrivacyRequest.objects.create(
        kind=kind, subject=learner_id, actor=str(actor), asked_at=now, due_at=now + DUE
    )


def note(
    receipt: UUID, step: str, *, now: datetime, count: int = 0, left: int = 0, **detail: object
) -> None:
    """Write down that a step was done and what a query found left; done again, it is replaced."""
    said = {"name": step, "done_at": now.isoformat(), "count": count, "left": left, **detail}
    with transaction.atomic():
        request = PrivacyRequest.objects.select_for_update().get(receipt=receipt)
        request.steps = [*(one for one in request.steps if one["name"] != step), said]
        request.save(update_fields=["steps"])


def steps(receipt: UUID) -> dict[str, dict[str, Any]]:
    """Return what was written down of each step."""
    return {said["name"]: said for said in PrivacyRequest.objects.get(receipt=receipt).steps}


def is_done(receipt: UUID, step: str) -> bool:
    """Say whether a step was done and left nothing."""
    said = steps(receipt).get(step)
    return said is not None and not said["left"]


def waiting_erasure(learner_id: int) -> PrivacyRequest | None:
    """Return the erasure of a learner that is not at its end, the oldest."""
    return _waiting_erasures().filter(subject=learner_id).first()


def waiting_erasures() -> list[int]:
    """Return the learners whose erasure is not at its end, the oldest first."""
    found = _waiting_erasures().exclude(subject=None).values_list("subject", flat=True)
    return [learner_id for learner_id in found if learner_id is not None]


def _waiting_erasures() -> QuerySet[PrivacyRequest]:
    return PrivacyRequest.objects.filter(kind=Kind.ERASE, done_at=None).order_by("asked_at")


def finish(receipt: UUID, *, learner_id: int, now: datetime) -> None:
    """End an erasure: whom it was for, and whose the requests before it were, is not kept."""
    with transaction.atomic():
        about = PrivacyRequest.objects.filter(subject=learner_id)
        own = about.filter(actor=f"{ActorKind.LEARNER}:{learner_id}")
        own.update(actor=f"{ActorKind.LEARNER}:")
        unnamed = about.update(subject=None)
        note(receipt, "requests", now=now, count=unnamed, left=about.count())
        PrivacyRequest.objects.filter(receipt=receipt).update(done_at=now)


def done(kind: Kind, *, learner_id: int, actor: Actor, now: datetime) -> UUID:
    """Write down a request that was met at once, and return its receipt."""
    request = open_request(kind, learner_id=learner_id, actor=actor, now=now)
    request.done_at = now
    request.save(update_fields=["done_at"])
    return request.receipt


def row(request: PrivacyRequest) -> RequestRow:
    """Return a request as pages show it."""
    return RequestRow(
        receipt=request.receipt,
        kind=request.kind,
        actor=request.actor.partition(":")[0],
        asked_at=request.asked_at,
        due_at=request.due_at,
        done_at=request.done_at,
        steps=tuple(
            RequestStep(
                said["name"], datetime.fromisoformat(said["done_at"]), said["count"], said["left"]
            )
            for said in request.steps
        ),
    )


def find(receipt: UUID) -> RequestRow | None:
    """Return the request with this receipt."""
    request = PrivacyRequest.objects.filter(receipt=receipt).first()
    return row(request) if request else None


def rows(*, limit: int = 50, waiting: bool = False) -> Sequence[RequestRow]:
    """Return requests that are done, newest first; or those that wait, the one due first."""
    found = PrivacyRequest.objects.exclude(done_at=None).order_by("-asked_at")
    if waiting:
        found = PrivacyRequest.objects.filter(done_at=None).order_by("due_at")
    return [row(request) for request in found[:limit]]


def purge(*, now: datetime) -> int:
    """Forget requests long done; return how many."""
    return PrivacyRequest.objects.filter(done_at__lt=now - KEPT).delete()[0]
