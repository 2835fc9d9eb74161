"""What should lists strive for, and who decided that? (L4)

Two probabilities may move a pick: that it is opened, and that it is passed once begun. How
much is a decision of people, kept as rows with a reason, an end and in the ledger. Progression has
a floor: it always counts, and never less than engagement. So are the caps: what one field and one
school take of a list at most, and how far what is well known stands back. A row can be meant for
one surface or one cohort; of those that are meant for a list the newest counts, and where it ends,
what was before counts again.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from personalize.data import Aim, AimLimits, ObjectiveRow, Objectives
from personalize.decision import cohorts, steering
from personalize.decision.cohorts import NOBODY
from personalize.decision.surfaces import SURFACES
from personalize.decision.thresholds import LEAST_MOST
from personalize.models import Objective
from signals import api as signals
from signals import catalogue
from signals.data import SYSTEM, Actor, ActorKind

MAY_CHANGE = frozenset({"admin"})
MAY_ASK = frozenset({"admin", "merchandiser", "analyst"})
KEPT_SHOWN = 20  # changes on a page
OBJECTIVES_LOCK = 0x4E57_0007

# A twentieth and a tenth of the best match: enough to decide between picks that match alike.
USUAL = Objectives(engagement=0.05, progression=0.1)

# With a second person. The best match of a list has 1: what a learner did stays what counts most.
# Less than a quarter to one field would show learners mostly what they do not learn; 1 is no cap.
LIMITS = AimLimits(
    progression_least=0.05,
    weight_most=0.5,
    least_most=LEAST_MOST,
    share_least=0.25,
    share_most=1.0,
    well_known_most=0.5,
    days=90,
)
# Alone: no weight above a third of the best match, and no list all of one field or school.
ALONE = AimLimits(
    progression_least=0.05,
    weight_most=0.3,
    least_most=LEAST_MOST / 2,
    share_least=0.25,
    share_most=0.75,
    well_known_most=0.3,
    days=30,
)


def current(surface: str = "", *, now: datetime) -> Objectives:
    """Return what is in force for everyone on a surface, or where nothing else is said."""
    return at_that_time(now, surface=surface)


def at_that_time(
    at: datetime, *, surface: str = "", cohorts: Collection[str] = NOBODY
) -> Objectives:
    """Return what was in force at a moment on a surface, for somebody in these cohorts."""
    return _in_force(_approved(), at, surface=surface, cohorts=cohorts)


def listed(state: str = "", *, now: datetime) -> tuple[ObjectiveRow, ...]:
    """Return changes in a state, else all that wait or act and the last that ended; newest first.

    What waits stands before what acts, and that before what ended.
    """
    order = ("-created_at", "-id")
    states = (state,) if state else ("waiting", "active", "ended")
    rows = [
        row
        for each in states
        for row in Objective.objects.filter(steering.in_state(each, now=now)).order_by(*order)[
            :KEPT_SHOWN
        ]
    ]
    among = _approved() if rows else []
    return tuple(_row(row, among) for row in rows)


def may_change(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides what lists strive for."""
    return not MAY_CHANGE.isdisjoint(roles)


def may_ask(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may at least ask for it."""
    return not MAY_ASK.isdisjoint(roles)


def check(wanted: Objectives) -> None:
    """Raise ValidationError (by field) for numbers below the floor or out of bounds."""
    found: dict[str, str] = {}
    most = LIMITS
    if not 0 <= wanted.engagement <= most.weight_most:
        found["engagement"] = f"Say a number from 0 to {most.weight_most}."
    if not most.progression_least <= wanted.progression <= most.weight_most:
        found["progression"] = (
            f"Say a number from {most.progression_least} to {most.weight_most}: progression always"
            " counts."
        )
    elif wanted.progression < wanted.engagement:
        found["progression"] = "Progression counts at least as much as engagement; raise it."
    for name, least, top in (
        ("least_chance", 0, most.least_most),
        ("field_share", most.share_least, 1),
        ("provider_share", most.share_least, 1),
        ("well_known", 0, most.well_known_most),
    ):
        if not least <= getattr(wanted, name) <= top:
            found[name] = f"Say a number from {least} to {top}."
    if found:
        raise ValidationError(found)


def check_aim(actor: Actor, aim: Aim, *, reason: str, now: datetime) -> None:
    """Raise PermissionDenied without the role, ValidationError (by field) when out of limits."""
    if actor.kind is not ActorKind.SYSTEM and not may_ask(actor.roles):
        needed = " or ".join(sorted(MAY_ASK))
        raise PermissionDenied(f"To change what lists strive for you need the role {needed}.")
    check(aim.objectives)
    found: dict[str, str] = {}
    if aim.surface and aim.surface not in SURFACES:
        found["surface"] = f"Say one of {', '.join(SURFACES)}, or leave it empty for all."
    if not cohorts.is_one(aim.cohort, [field for field, _n in catalogue.fields()]):
        found["cohort"] = "Choose one of the groups that are listed, or everyone."
    if not reason.strip():
        found["reason"] = "Say why: the ledger keeps the reason."
    if aim.ends_at is None or aim.ends_at <= now:
        found["ends_at"] = "Say an end, and one in the future."
    elif _days(aim.ends_at, now) > LIMITS.days:
        found["ends_at"] = f"It lasts at most {LIMITS.days} days; make a new one after that."
    if found:
        raise ValidationError(found)


def beyond(actor: Actor, aim: Aim, *, now: datetime) -> tuple[str, ...]:
    """Return what is beyond what somebody may do alone, in words; empty: nothing."""
    found = []
    wanted, most = aim.objectives, ALONE
    if actor.kind is not ActorKind.SYSTEM and not may_change(actor.roles):
        found.append("your role does not change what lists strive for alone")
    if max(wanted.engagement, wanted.progression) > most.weight_most:
        found.append(f"a weight above {most.weight_most:g}")
    if wanted.least_chance > most.least_most:
        found.append(f"a least chance above {most.least_most:.0%}")
    if max(wanted.field_share, wanted.provider_share) > most.share_most:
        found.append(f"more than {most.share_most:.0%} of a list for one field or school")
    if wanted.well_known > most.well_known_most:
        found.append(f"more than {most.well_known_most:g} off well-known courses")
    if aim.ends_at is None or _days(aim.ends_at, now) > most.days:
        found.append(f"more than {most.days} days")
    return tuple(found)


def change(actor: Actor, aim: Aim, *, reason: str, now: datetime) -> ObjectiveRow:
    """Put weights in force until their end, or ask for them where that is beyond one's limits.

    Raises PermissionDenied without the role, and ValidationError (by field).
    """
    check_aim(actor, aim, reason=reason, now=now)
    beyond_limits = beyond(actor, aim, now=now)
    with transaction.atomic():
        _one_at_a_time()
        row = Objective.objects.create(
            **asdict(aim.objectives),
            surface=aim.surface,
            cohort=aim.cohort,
            ends_at=aim.ends_at,
            reason=reason.strip(),
            created_by=actor.name,
            created_account=actor.account_id,
            created_at=now,
            state=Objective.WAITING if beyond_limits else Objective.APPROVED,
        )
        step = "asked" if beyond_limits else "changed"
        _enter(
            actor, step, row, now=now, **({"beyond": list(beyond_limits)} if beyond_limits else {})
        )
    return _row(row)


def approve(actor: Actor, objective_id: int, *, reason: str = "", now: datetime) -> ObjectiveRow:
    """Put what waits in force, as a second person.

    Raises Objective.DoesNotExist, PermissionDenied without the role and for who asked for it, and
    ValidationError where it does not wait any more.
    """
    return _decide(actor, objective_id, Objective.APPROVED, reason, now=now)


def refuse(actor: Actor, objective_id: int, *, reason: str, now: datetime) -> ObjectiveRow:
    """Refuse what waits, as a second person; what `approve` raises, and without a reason."""
    return _decide(actor, objective_id, Objective.REFUSED, reason, now=now)


def undo(actor: Actor, objective_id: int, *, now: datetime) -> ObjectiveRow:
    """End a change at once, or withdraw what waits: what was before is in force again.

    Doing it twice changes nothing. Raises Objective.DoesNotExist, and PermissionDenied for who
    may not change it alone and did not make it.
    """
    with transaction.atomic():
        _one_at_a_time()
        row = Objective.objects.select_for_update().get(pk=objective_id)
        mine = steering.made_by(row, actor) and may_ask(actor.roles)
        if actor.kind is not ActorKind.SYSTEM and not (may_change(actor.roles) or mine):
            able = " or ".join(sorted(MAY_CHANGE))
            raise PermissionDenied(f"To undo what lists strive for you need the role {able}.")
        if step := steering.end(row, actor, now=now):
            _enter(actor, step, row, now=now)
    return _row(row)


def enter_ends(*, now: datetime) -> int:
    """Enter into the ledger what has ended by the clock; return how many."""
    n = 0
    with transaction.atomic():
        for row, step in steering.over(Objective.objects.all(), now=now):
            _enter(SYSTEM, step, row, now=now)
            n += 1
    return n


def _decide(
    actor: Actor, objective_id: int, state: str, reason: str, *, now: datetime
) -> ObjectiveRow:
    with transaction.atomic():
        _one_at_a_time()
        row = steering.decide(Objective.objects.all(), objective_id, actor, state, reason, now=now)
        _enter(actor, state, row, now=now, why=row.decided_why)
    return _row(row)


def _one_at_a_time() -> None:
    """Let the ledger say truly what was before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OBJECTIVES_LOCK])


def _enter(actor: Actor, step: str, row: Objective, *, now: datetime, **more: object) -> None:
    signals.append_ledger(
        actor=actor,
        action=f"objectives.{step}",
        subject="objectives",
        detail={
            "objective": row.pk,
            "before": asdict(_before(row, _approved())),
            "after": asdict(_objectives(row)),
            "surface": row.surface,
            "cohort": row.cohort,
            "ends_at": row.ends_at.isoformat() if row.ends_at else None,
            "reason": row.reason,
            **more,
        },
        now=now,
    )


def _days(ends_at: datetime, now: datetime) -> int:
    return (ends_at.astimezone(UTC).date() - now.astimezone(UTC).date()).days


def _came(row: Objective) -> datetime:
    return row.decided_at or row.created_at


def _approved() -> list[Objective]:
    """Return everything that ever acted or will; people make a few in a month."""
    return list(Objective.objects.filter(state=Objective.APPROVED))


def _before(row: Objective, among: Sequence[Objective]) -> Objectives:
    """Return what was in force for the same lists when it came, or was asked for."""
    came = _came(row)
    others = [
        other for other in among if other.pk != row.pk and (_came(other), other.pk) < (came, row.pk)
    ]
    return _in_force(others, came, surface=row.surface, cohorts={row.cohort})


def _in_force(
    among: Sequence[Objective], at: datetime, *, surface: str, cohorts: Collection[str]
) -> Objectives:
    acting = [
        row
        for row in among
        if _came(row) <= at
        and (row.undone_at is None or row.undone_at > at)
        and (row.ends_at is None or row.ends_at > at)
        and row.surface in {"", surface}
        and (not row.cohort or row.cohort in cohorts)
    ]
    newest = max(acting, key=lambda row: (_came(row), row.pk), default=None)
    return _objectives(newest) if newest else USUAL


def _objectives(row: Objective) -> Objectives:
    return Objectives(**{each.name: getattr(row, each.name) for each in fields(Objectives)})


def _row(row: Objective, among: Sequence[Objective] | None = None) -> ObjectiveRow:
    return ObjectiveRow(
        objective_id=row.pk,
        aim=Aim(_objectives(row), row.ends_at, row.surface, row.cohort),
        before=_before(row, _approved() if among is None else among),
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_why=row.decided_why,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        measured=row.measured,
    )
