"""How does a change of a single course come about, and how does it end? (L4) Each step a row's.

Made, or asked for and approved or refused by a second person; undone, withdrawn, or over by the
clock: every step is in the ledger, in the transaction that takes it. What acts is read by
decision/overrides.py, which looks at the clock itself: no job has to run for a change to end.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from personalize.data import Change, NewOverride, OverrideRow
from personalize.decision import authority, cohorts, steering
from personalize.decision.overrides import MOVES
from personalize.models import Override
from signals import api as signals
from signals.data import SYSTEM, Actor

CHANGES_LOCK = 0x4E57_0008


def create(
    actor: Actor, new: NewOverride, *, predicted: Mapping[str, Any] | None = None, now: datetime
) -> OverrideRow:
    """Put a change in force, or ask for it where it is beyond what somebody may do alone.

    Raises PermissionDenied without the role, ValidationError (by field) for what is out of limits.
    """
    authority.check(actor, new, now=now)
    with transaction.atomic():
        _one_at_a_time()
        beyond_limits = beyond(actor, new, now=now)
        row = Override.objects.create(
            course_id=new.course_id,
            change=new.change,
            strength=new.strength if new.change in MOVES else 0.0,
            surface=new.surface,
            cohort=new.cohort,
            reason=new.reason.strip(),
            note=new.note.strip(),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            created_by=actor.name,
            created_account=actor.account_id,
            created_at=now,
            state=Override.WAITING if beyond_limits else Override.APPROVED,
            predicted=predicted,
        )
        action = "override.asked" if beyond_limits else f"override.{new.change}"
        more = {"beyond": list(beyond_limits)} if beyond_limits else {}
        _enter(actor, action, row, now=now, **more)
    return row_of(row)


def beyond(actor: Actor, new: NewOverride, *, now: datetime) -> tuple[str, ...]:
    """Return what of a change is beyond what somebody may do alone, beside those there are."""
    rows = Override.objects.filter(
        course_id=new.course_id,
        change=new.change,
        state=Override.APPROVED,
        undone_at=None,
        ends_at__gt=now,
    )
    if new.surface:
        rows = rows.filter(surface__in=("", new.surface))
    beside = [
        NewOverride(
            course_id=row.course_id,
            change=Change(row.change),
            reason=row.reason,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            strength=row.strength,
            surface=row.surface,
            cohort=row.cohort,
        )
        for row in rows
        if cohorts.may_meet(row.cohort, new.cohort)
    ]
    return authority.beyond(actor, new, beside=beside, now=now)


def approve(actor: Actor, override_id: int, *, reason: str = "", now: datetime) -> OverrideRow:
    """Put what waits in force, as a second person.

    Raises Override.DoesNotExist, PermissionDenied without the role and for who asked for it, and
    ValidationError where it does not wait any more.
    """
    return _decide(actor, override_id, Override.APPROVED, reason, now=now)


def refuse(actor: Actor, override_id: int, *, reason: str, now: datetime) -> OverrideRow:
    """Refuse what waits, as a second person; what `approve` raises, and without a reason."""
    return _decide(actor, override_id, Override.REFUSED, reason, now=now)


def undo(actor: Actor, override_id: int, *, now: datetime) -> OverrideRow:
    """End a change at once, or withdraw what waits; doing it twice changes nothing.

    Raises Override.DoesNotExist, and PermissionDenied for who could not have made it.
    """
    with transaction.atomic():
        row = Override.objects.select_for_update().get(id=override_id)
        authority.require_undo(actor, Change(row.change), mine=steering.made_by(row, actor))
        if step := steering.end(row, actor, now=now):
            _enter(actor, f"override.{step}", row, now=now)
    return row_of(row)


def enter_ends(*, now: datetime) -> int:
    """Enter into the ledger what has ended by the clock; return how many.

    It acts on nothing from its end on, whether this runs or not.
    """
    n = 0
    with transaction.atomic():
        for row, step in steering.over(Override.objects.all(), now=now):
            _enter(SYSTEM, f"override.{step}", row, now=now)
            n += 1
    return n


def listed(state: str = "active", *, now: datetime, limit: int = 200) -> tuple[OverrideRow, ...]:
    """Return changes that act or will, that wait, both ("open"), or that ended; newest first."""
    rows = Override.objects.filter(steering.in_state(state, now=now)).order_by("-created_at", "-id")
    return tuple(row_of(row) for row in rows[:limit])


def one(override_id: int) -> OverrideRow | None:
    """Return a change, None where there is none."""
    row = Override.objects.filter(id=override_id).first()
    return row_of(row) if row else None


def at_that_time(course_id: int, change: Change, *, at: datetime) -> OverrideRow | None:
    """Return the change that acted on a course at a moment, for an explanation."""
    row = (
        Override.objects.filter(
            course_id=course_id,
            change=change,
            starts_at__lte=at,
            ends_at__gt=at,
            state=Override.APPROVED,
        )
        .order_by("-created_at")
        .first()
    )
    return row_of(row) if row else None


def _one_at_a_time() -> None:
    """Let what is there be counted before another is added to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHANGES_LOCK])


def _decide(
    actor: Actor, override_id: int, state: str, reason: str, *, now: datetime
) -> OverrideRow:
    with transaction.atomic():
        row = steering.decide(Override.objects.all(), override_id, actor, state, reason, now=now)
        _enter(actor, f"override.{state}", row, now=now, why=row.decided_why)
    return row_of(row)


def _enter(actor: Actor, action: str, row: Override, *, now: datetime, **more: Any) -> None:
    signals.append_ledger(
        actor=actor,
        action=action,
        subject=f"course:{row.course_id}",
        detail={
            "override": row.pk,
            "change": row.change,
            "strength": row.strength,
            "surface": row.surface,
            "cohort": row.cohort,
            "reason": row.reason,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            **more,
        },
        now=now,
    )


def row_of(row: Override) -> OverrideRow:
    """Return a row as it crosses the public interface."""
    return OverrideRow(
        override_id=row.pk,
        course_id=row.course_id,
        change=Change(row.change),
        strength=row.strength,
        surface=row.surface,
        reason=row.reason,
        note=row.note,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_by=row.created_by,
        created_at=row.created_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        cohort=row.cohort,
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decided_why=row.decided_why,
        predicted=row.predicted,
        measured=row.measured,
    )
