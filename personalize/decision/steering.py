"""How does a change by people come in force, and how does it end? (L4) The steps all of them take.

Made, or asked for and approved or refused by a second person; undone, withdrawn, or over by the
clock. Whoever calls holds a transaction and enters the step into the ledger within it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q

from personalize.models.steered import Steered
from signals.data import Actor, ActorKind

MAY_APPROVE = frozenset({"admin"})
STATES = ("active", "waiting", "open", "ended")
WHY_MOST = 200

Row = TypeVar("Row", bound=Steered)


def in_state(state: str, *, now: datetime) -> Q:
    """Say which rows act or will, which wait, both ("open"), or which ended."""
    if state not in STATES:
        raise ValueError(f"state is {state!r}; say one of {', '.join(STATES)}.")
    lasting = Q(undone_at=None) & (Q(ends_at=None) | Q(ends_at__gt=now))
    return {
        "active": lasting & Q(state=Steered.APPROVED),
        "waiting": lasting & Q(state=Steered.WAITING),
        "open": lasting & ~Q(state=Steered.REFUSED),
        "ended": ~lasting | Q(state=Steered.REFUSED),
    }[state]


def require_second(actor: Actor, *, created_by: str, created_account: int | None) -> None:
    """Raise PermissionDenied unless somebody is a second person who may approve."""
    if MAY_APPROVE.isdisjoint(actor.roles) or actor.kind is not ActorKind.STAFF:
        able = " or ".join(sorted(MAY_APPROVE))
        raise PermissionDenied(f"To approve or refuse a change needs the role {able}.")
    if actor.name == created_by or actor.account_id in {created_account} - {None}:
        raise PermissionDenied("Nobody approves or refuses what they asked for. Ask a colleague.")


def made_by(row: Steered, actor: Actor) -> bool:
    """Say whether somebody made a change: by account where it is known, for a name may change."""
    if row.created_account is not None and actor.account_id is not None:
        return row.created_account == actor.account_id
    return row.created_by == actor.name


def decide(
    rows: models.QuerySet[Row], number: int, actor: Actor, state: str, reason: str, *, now: datetime
) -> Row:
    """Approve or refuse what waits, as a second person; return the row, held until the end.

    Raises DoesNotExist, PermissionDenied without the role and for who asked for it, and
    ValidationError where it does not wait any more, and for a refusal without a reason.
    """
    row = rows.select_for_update().get(pk=number)
    require_second(actor, created_by=row.created_by, created_account=row.created_account)
    ends_at: datetime | None = getattr(row, "ends_at", None)
    over = ends_at is not None and ends_at <= now
    if row.state != Steered.WAITING or row.undone_at is not None or over:
        raise ValidationError("It does not wait any more. Look at it again.")
    if state == Steered.REFUSED and not reason.strip():
        raise ValidationError("Say why: who asked for it reads the reason.")
    row.state, row.decided_by, row.decided_at = state, actor.name, now
    row.decided_why = reason.strip()[:WHY_MOST]
    row.save(update_fields=["state", "decided_by", "decided_at", "decided_why"])
    return row


def end(row: Row, actor: Actor, *, now: datetime) -> str:
    """End what acts, or withdraw what waits, at once; return which of both, "" where it was over.

    The row is held by the caller's transaction.
    """
    if row.undone_at is not None or row.end_entered or row.state == Steered.REFUSED:
        return ""
    row.undone_at, row.undone_by = now, actor.name
    row.save(update_fields=["undone_at", "undone_by"])
    return "withdrawn" if row.state == Steered.WAITING else "undone"


def over(rows: models.QuerySet[Row], *, now: datetime) -> Iterable[tuple[Row, str]]:
    """Mark what has ended by the clock, once; return each row with "ended" or "lapsed".

    It acts on nothing from its end on, whether this runs or not.
    """
    ended = rows.select_for_update(skip_locked=True).filter(
        ends_at__lte=now, undone_at=None, end_entered=False
    )
    for row in list(ended.exclude(state=Steered.REFUSED).order_by("ends_at", "pk")):
        row.end_entered = True
        row.save(update_fields=["end_entered"])
        yield row, "lapsed" if row.state == Steered.WAITING else "ended"
