"""What should lists strive for, and who decided that? (L4)

Two probabilities may move a pick: that it is opened, and that it is passed once begun. How
much is a decision of people, kept as rows with a reason and in the ledger. Progression has a floor:
it always counts, and never less than engagement. So are the caps: what one field and one school
take of a list at most, and how far what is well known stands back.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from personalize.data import ObjectiveRow, Objectives
from personalize.decision.thresholds import LEAST_MOST
from personalize.models import Objective
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_CHANGE = "admin"
PROGRESSION_LEAST = 0.05
WEIGHT_MOST = 0.5  # the best match of a list has 1: what a learner did stays what counts most
# Less than a quarter to one field would show learners mostly what they do not learn; 1 is no cap.
SHARE_LEAST = 0.25
WELL_KNOWN_MOST = 0.5
KEPT_SHOWN = 21  # a page lists twenty changes, each beside what was before
OBJECTIVES_LOCK = 0x4E57_0007

# A twentieth and a tenth of the best match: enough to decide between picks that match alike.
USUAL = Objectives(engagement=0.05, progression=0.1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the weights may be moved."""

    progression_least: float
    weight_most: float
    least_most: float
    share_least: float
    well_known_most: float


LIMITS = Limits(PROGRESSION_LEAST, WEIGHT_MOST, LEAST_MOST, SHARE_LEAST, WELL_KNOWN_MOST)


def current() -> Objectives:
    """Return what is in force."""
    row = Objective.objects.first()
    return _objectives(row) if row else USUAL


def at_that_time(at: datetime) -> Objectives:
    """Return what was in force at a moment."""
    row = Objective.objects.filter(created_at__lte=at).first()
    return _objectives(row) if row else USUAL


def listed() -> tuple[ObjectiveRow, ...]:
    """Return the changes, newest first."""
    return tuple(_row(row) for row in Objective.objects.all()[:KEPT_SHOWN])


def may_change(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides what lists strive for."""
    return MAY_CHANGE in roles


def check(wanted: Objectives) -> None:
    """Raise ValidationError (by field) for numbers below the floor or out of bounds."""
    found: dict[str, str] = {}
    if not 0 <= wanted.engagement <= WEIGHT_MOST:
        found["engagement"] = f"Say a number from 0 to {WEIGHT_MOST}."
    if not PROGRESSION_LEAST <= wanted.progression <= WEIGHT_MOST:
        found["progression"] = (
            f"Say a number from {PROGRESSION_LEAST} to {WEIGHT_MOST}: progression always counts."
        )
    elif wanted.progression < wanted.engagement:
        found["progression"] = "Progression counts at least as much as engagement; raise it."
    for name, least, most in (
        ("least_chance", 0, LEAST_MOST),
        ("field_share", SHARE_LEAST, 1),
        ("provider_share", SHARE_LEAST, 1),
        ("well_known", 0, WELL_KNOWN_MOST),
    ):
        if not least <= getattr(wanted, name) <= most:
            found[name] = f"Say a number from {least} to {most}."
    if found:
        raise ValidationError(found)


def change(actor: Actor, wanted: Objectives, *, reason: str, now: datetime) -> ObjectiveRow:
    """Put weights in force at once, with a ledger entry.

    Raises PermissionDenied without the role, and ValidationError (by field).
    """
    _require(actor, reason)
    check(wanted)
    with transaction.atomic():
        before = _locked()
        row = _put(actor, wanted, reason, now=now)
        _enter(actor, "objectives.changed", row, before=before[0], now=now)
    return _row(row)


def undo(actor: Actor, objective_id: int, *, reason: str, now: datetime) -> ObjectiveRow:
    """Put back what was in force before the newest change, as a change of its own.

    Raises PermissionDenied without the role, and ValidationError without a reason and where a newer
    change has replaced this one: what was before it is long gone.
    """
    _require(actor, reason)
    with transaction.atomic():
        newest, before = _locked()
        if newest is None or newest.pk != objective_id:
            raise ValidationError("Somebody changed this since. Look at it again, then undo.")
        wanted = _objectives(before) if before else USUAL
        row = _put(actor, wanted, reason, now=now)
        _enter(actor, "objectives.undone", row, before=newest, now=now)
    return _row(row)


def _require(actor: Actor, reason: str) -> None:
    if actor.kind is not ActorKind.SYSTEM and not may_change(actor.roles):
        raise PermissionDenied(f"To change what lists strive for you need the role {MAY_CHANGE}.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the ledger keeps the reason."})


def _locked() -> tuple[Objective | None, Objective | None]:
    """Return the newest change and the one before it; nobody makes another until the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OBJECTIVES_LOCK])
    newest, before, *_ = (*Objective.objects.all()[:2], None, None)
    return newest, before


def _put(actor: Actor, wanted: Objectives, reason: str, *, now: datetime) -> Objective:
    return Objective.objects.create(
        **asdict(wanted), reason=reason.strip(), created_by=actor.name, created_at=now
    )


def _enter(
    actor: Actor, action: str, row: Objective, *, before: Objective | None, now: datetime
) -> None:
    signals.append_ledger(
        actor=actor,
        action=action,
        subject="objectives",
        detail={
            "before": asdict(_objectives(before) if before else USUAL),
            "after": asdict(_objectives(row)),
            "reason": row.reason,
        },
        now=now,
    )


def _objectives(row: Objective) -> Objectives:
    return Objectives(**{each.name: getattr(row, each.name) for each in fields(Objectives)})


def _row(row: Objective) -> ObjectiveRow:
    return ObjectiveRow(
        objective_id=row.pk,
        objectives=_objectives(row),
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
    )
