"""What do staff allow of reminders at most? (L5) The newest decision is in force."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from personalize.models import ReminderPolicy
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_CHANGE = "admin"
WEEK_MOST = 2  # nobody is asked to bear more than the choices of the page offer
MAIL_DAYS_MOST = 30
USUAL = ReminderPolicy(most_a_week=2, mail_after_days=3)


def current() -> ReminderPolicy:
    """Return what is in force."""
    return ReminderPolicy.objects.first() or USUAL


def may_change(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides it."""
    return MAY_CHANGE in roles


@transaction.atomic
def change(
    actor: Actor, *, most_a_week: int, mail_after_days: int, reason: str, now: datetime
) -> None:
    """Put other limits in force at once, with a ledger entry.

    Raises PermissionDenied without the role, and ValidationError (by field).
    """
    if actor.kind is not ActorKind.SYSTEM and not may_change(actor.roles):
        raise PermissionDenied(f"To change reminders you need the role {MAY_CHANGE}.")
    found: dict[str, str] = {}
    if not 0 <= most_a_week <= WEEK_MOST:
        found["most_a_week"] = f"Say 0 to {WEEK_MOST}; 0 lets nobody be reminded."
    if not 1 <= mail_after_days <= MAIL_DAYS_MOST:
        found["mail_after_days"] = f"Say 1 to {MAIL_DAYS_MOST} days."
    if not reason.strip():
        found["reason"] = "Say why: the ledger keeps the reason."
    if found:
        raise ValidationError(found)
    before = current()
    ReminderPolicy.objects.create(
        most_a_week=most_a_week,
        mail_after_days=mail_after_days,
        reason=reason.strip(),
        created_by=actor.name,
        created_at=now,
    )
    signals.append_ledger(
        actor=actor,
        action="reminders.limits",
        subject="reminders",
        detail={
            "most_a_week": [before.most_a_week, most_a_week],
            "mail_after_days": [before.mail_after_days, mail_after_days],
            "reason": reason.strip(),
        },
        now=now,
    )
