"""What should lists strive for, and who decided that? (L4)

Two probabilities may move a pick: that it is opened, and that it is completed once begun. How
much is a decision of people, kept as rows with a reason and in the ledger. Progression has a floor:
it always counts, and never less than engagement.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from personalize.data import ObjectiveRow, Objectives
from personalize.models import Objective
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_CHANGE = "admin"
PROGRESSION_LEAST = 0.05
WEIGHT_MOST = 0.5  # the best match of a list has 1: what a learner did stays what counts most
KEPT_SHOWN = 20  # changes a page lists
OBJECTIVES_LOCK = 0x4E57_0007

# A twentieth and a tenth of the best match: enough to decide between picks that match alike.
USUAL = Objectives(engagement=0.05, progression=0.1)


@dataclass(frozen=True, slots=True)
class NewObjectives:
    """Weights to be put in force, with the reason."""

    engagement: float
    progression: float
    reason: str


def current() -> Objectives:
    """Return what is in force."""
    row = Objective.objects.first()
    return Objectives(row.engagement, row.progression) if row else USUAL


def listed() -> tuple[ObjectiveRow, ...]:
    """Return the changes, newest first."""
    return tuple(_row(row) for row in Objective.objects.all()[:KEPT_SHOWN])


def check(actor: Actor, new: NewObjectives) -> None:
    """Raise PermissionDenied without the role, ValidationError (by field) below the floor."""
    if actor.kind is not ActorKind.SYSTEM and MAY_CHANGE not in actor.roles:
        raise PermissionDenied(f"To change what lists strive for you need the role {MAY_CHANGE}.")
    found: dict[str, str] = {}
    if not 0 <= new.engagement <= WEIGHT_MOST:
        found["engagement"] = f"Say a number from 0 to {WEIGHT_MOST}."
    if not PROGRESSION_LEAST <= new.progression <= WEIGHT_MOST:
        found["progression"] = (
            f"Say a number from {PROGRESSION_LEAST} to {WEIGHT_MOST}: progression always counts."
        )
    elif new.progression < new.engagement:
        found["progression"] = "Progression counts at least as much as engagement; raise it."
    if not new.reason.strip():
        found["reason"] = "Say why: the ledger keeps the reason."
    if found:
        raise ValidationError(found)


def change(actor: Actor, new: NewObjectives, *, now: datetime) -> ObjectiveRow:
    """Put weights in force at once, with a ledger entry. Raises what `check` raises."""
    check(actor, new)
    with transaction.atomic():
        with connection.cursor() as cursor:  # so that `before` is what was replaced
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OBJECTIVES_LOCK])
        before = current()
        row = Objective.objects.create(
            engagement=new.engagement,
            progression=new.progression,
            reason=new.reason.strip(),
            created_by=actor.name,
            created_at=now,
        )
        signals.append_ledger(
            actor=actor,
            action="objectives.changed",
            subject="objectives",
            detail={
                "before": {"engagement": before.engagement, "progression": before.progression},
                "after": {"engagement": new.engagement, "progression": new.progression},
                "reason": new.reason.strip(),
            },
            now=now,
        )
    return _row(row)


def _row(row: Objective) -> ObjectiveRow:
    return ObjectiveRow(
        objectives=Objectives(row.engagement, row.progression),
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
    )
