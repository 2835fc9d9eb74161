"""Who answers for a feature, until when must it be looked at again, and who closes it? (L5)"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from experiments import api as experiments
from personalize.experience.register.features import BY_KEY
from personalize.llm import choice
from personalize.models import FeatureDuty
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_ANSWER = frozenset({"admin", "privacy"})  # say who answers for it
MAY_CLOSE = frozenset({"admin", "privacy"})
MAY_OPEN = frozenset({"admin"})
OWNER_LONGEST, REASON_LONGEST = 80, 200
REVIEW_MOST = timedelta(days=366)  # nothing goes unlooked at for longer


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answers for a feature, and until when it is looked at again."""

    owner: str
    review_by: date | None
    reason: str = ""
    created_by: str = ""
    created_at: datetime | None = None


NOBODY_YET = Duty("", None)


def held() -> Mapping[str, Duty]:
    """Return what was said last of each feature; one statement."""
    rows = FeatureDuty.objects.order_by("feature", "-id").distinct("feature")
    return {
        row.feature: Duty(row.owner, row.review_by, row.reason, row.created_by, row.created_at)
        for row in rows
    }


def may_answer(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles says who answers for a feature."""
    return bool(MAY_ANSWER.intersection(roles))


def may_switch(roles: Collection[str], *, off: bool) -> bool:
    """Say whether somebody with these roles may close a feature, or open it again."""
    return bool((MAY_CLOSE if off else MAY_OPEN).intersection(roles))


@transaction.atomic
def assign(
    actor: Actor, feature: str, *, owner: str, review_by: date, reason: str, now: datetime
) -> None:
    """Say who answers for a feature and until when it is looked at again, with a ledger entry.

    Raises PermissionDenied, ValidationError (by field), KeyError for a feature there is not.
    """
    if actor.kind is not ActorKind.SYSTEM and not may_answer(actor.roles):
        raise PermissionDenied("Only administrators and privacy officers say who answers for it.")
    found: dict[str, str] = {}
    if not owner.strip() or len(owner) > OWNER_LONGEST:
        found["owner"] = f"Say who answers for it, in up to {OWNER_LONGEST} characters."
    if not now.date() < review_by <= now.date() + REVIEW_MOST:
        found["review_by"] = "Choose a day from tomorrow on, within a year."
    if not reason.strip() or len(reason) > REASON_LONGEST:
        found["reason"] = f"Say why, in up to {REASON_LONGEST} characters: the ledger keeps it."
    if found:
        raise ValidationError(found)
    known = BY_KEY[feature]
    before = held().get(known.key, NOBODY_YET)
    FeatureDuty.objects.create(
        feature=known.key,
        owner=owner.strip(),
        review_by=review_by,
        reason=reason.strip(),
        created_by=actor.name[:80],
        created_at=now,
    )
    signals.append_ledger(
        actor=actor,
        action="register.assigned",
        subject=known.key,
        detail={
            "owner": [before.owner, owner.strip()],
            "review_by": [before.review_by, review_by],
            "reason": reason.strip(),
        },
        now=now,
    )


def switch(actor: Actor, feature: str, *, off: bool, reason: str, now: datetime) -> bool:
    """Close a feature for everybody at once, or open it; False where it stands so already.

    Raises PermissionDenied, ValidationError (by field), KeyError for a feature there is not.
    """
    known = BY_KEY[feature]
    if actor.kind is not ActorKind.SYSTEM and not may_switch(actor.roles, off=off):
        who = "Administrators and privacy officers close" if off else "Administrators open"
        raise PermissionDenied(f"{who} a feature.")
    if not known.switch:
        if choice.setting(known.agent).on is not off:
            return False
        choice.switch(actor, known.agent, on=not off, reason=reason, now=now)
        return True
    return experiments.throw_switch(actor, known.switch, off=off, reason=reason, now=now)
