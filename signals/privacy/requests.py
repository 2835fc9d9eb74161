"""L1: what have learners asked of us, until when is it due, and what was done about it?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from signals.data import Actor, RequestRow, RequestStep
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
    request: PrivacyRequest, step: str, *, now: datetime, count: int = 0, left: int = 0
) -> None:
    """Write down that a step was done and what a query found left; done again, it is replaced."""
    kept = [said for said in request.steps if said["name"] != step]
    done = {"name": step, "done_at": now.isoformat(), "count": count, "left": left}
    request.steps = [*kept, done]
    request.save(update_fields=["steps"])


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
    """Return requests, newest first; or those that wait, the one due first before all."""
    found = PrivacyRequest.objects.order_by("-asked_at")
    if waiting:
        found = PrivacyRequest.objects.filter(done_at=None).order_by("due_at")
    return [row(request) for request in found[:limit]]


def purge(*, now: datetime) -> int:
    """Forget requests long done; return how many."""
    return PrivacyRequest.objects.filter(done_at__lt=now - KEPT).delete()[0]
