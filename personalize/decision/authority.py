"""Who may change single courses, how far alone, and how far with a second person? (L4)

What goes beyond the limits of a role waits until somebody else approves it. Limits lie here, where
the action is, and hold whichever page or door it comes from.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError

from personalize.data import Change, NewOverride, OverrideLimits
from personalize.decision import cohorts
from personalize.decision.overrides import MOVES
from personalize.decision.steering import MAY_APPROVE
from personalize.decision.surfaces import SURFACES
from signals import catalogue
from signals.data import Actor, ActorKind

# How far each role may move a course, in parts of the best pick's score: alone, and approved.
STRENGTH_MOST: Mapping[str, float] = {"admin": 0.5, "merchandiser": 0.3, "analyst": 0.2}
STRENGTH_ASKED: Mapping[str, float] = {"admin": 1.0, "merchandiser": 0.6, "analyst": 0.5}
MAY_PIN_AND_HIDE = frozenset({"admin"})
DAYS_MOST = 30
DAYS_ASKED = 90
ROUNDING = 1e-9  # of a sum of strengths


def limits(roles: Collection[str]) -> OverrideLimits:
    """Return how far somebody with these roles may change single courses."""
    strength = _most(STRENGTH_MOST, roles)
    moves = (Change.BOOST, Change.LOWER) if strength else ()
    rest = (Change.PIN, Change.HIDE)
    return OverrideLimits(
        changes=moves if MAY_PIN_AND_HIDE.isdisjoint(roles) else (*moves, *rest),
        strength=strength,
        days=DAYS_MOST,
        changes_asked=(*moves, *rest) if strength else (),
        strength_asked=_most(STRENGTH_ASKED, roles),
        days_asked=DAYS_ASKED,
        approves=not MAY_APPROVE.isdisjoint(roles),
    )


def limits_of(actor: Actor) -> OverrideLimits:
    """Return how far somebody may go; the product goes as far as any role alone."""
    return limits(STRENGTH_MOST if actor.kind is ActorKind.SYSTEM else actor.roles)


def beyond(
    actor: Actor, new: NewOverride, *, beside: Sequence[NewOverride] = (), now: datetime
) -> tuple[str, ...]:
    """Return what of a change is beyond what somebody may do alone, in words; empty: nothing.

    `beside` are the changes of the same kind there are of this course, for places and people in
    common: strengths add up, and days follow each other, so small ones are no way round a limit.
    """
    alone = limits_of(actor)
    found = []
    if new.change not in alone.changes:
        found.append(f"your role does not {new.change} courses alone")
    strength = new.strength + sum(
        other.strength
        for other in beside
        if other.starts_at < new.ends_at and new.starts_at < other.ends_at
    )
    if new.change in MOVES and strength > alone.strength + ROUNDING:
        with_others = ", with what acts already" if strength > new.strength else ""
        found.append(f"a strength above {alone.strength:g}{with_others}")
    most = timedelta(days=alone.days)
    there, all_of_it = _ahead(beside, now=now), _ahead((*beside, new), now=now)
    if new.ends_at - new.starts_at > most:
        found.append(f"more than {alone.days} days")
    elif all_of_it > max(most, there):
        found.append(f"more than {alone.days} days, with what is planned already")
    return tuple(found)


def require(actor: Actor, change: Change) -> None:
    """Raise PermissionDenied where somebody may not even ask for such a change."""
    if change not in limits_of(actor).changes_asked:
        needed = " or ".join(sorted(STRENGTH_MOST))
        raise PermissionDenied(f"To {change} a course, or to undo that, needs the role {needed}.")


def require_undo(actor: Actor, change: Change, *, mine: bool) -> None:
    """Raise PermissionDenied where somebody may not end a change: what they may make, or made."""
    require(actor, change)
    if change not in limits_of(actor).changes and not mine:
        able = " or ".join(sorted(MAY_PIN_AND_HIDE))
        raise PermissionDenied(f"To {change} a course, or to undo that, needs the role {able}.")


def check(actor: Actor, new: NewOverride, *, now: datetime) -> None:
    """Raise PermissionDenied without the role, ValidationError (by field) when out of limits."""
    require(actor, new.change)
    most = limits_of(actor)
    found: dict[str, str] = {}
    if catalogue.course(new.course_id) is None:
        found["course_id"] = "This course is not in the catalogue. Choose one that is listed."
    if new.change in MOVES and not 0 < new.strength <= most.strength_asked:
        found["strength"] = f"The strength is above 0 and at most {most.strength_asked:g}."
    if new.surface and new.surface not in SURFACES:
        found["surface"] = f"Say one of {', '.join(SURFACES)}, or leave it empty for all."
    if new.cohort and new.change is Change.HIDE:
        found["cohort"] = "What is hidden is hidden from everyone. Lower it for a group instead."
    elif not cohorts.is_one(new.cohort, [field for field, _n in catalogue.fields()]):
        found["cohort"] = "Choose one of the groups that are listed, or everyone."
    if not new.reason.strip():
        found["reason"] = "Say why: the ledger keeps the reason; learners see that staff did it."
    if new.ends_at <= max(new.starts_at, now):
        found["ends_at"] = "The end lies after the start and in the future."
    elif new.ends_at - new.starts_at > timedelta(days=most.days_asked):
        found["ends_at"] = (
            f"A change lasts at most {most.days_asked} days; make a new one after that."
        )
    if found:
        raise ValidationError(found)


def _ahead(changes: Sequence[NewOverride], *, now: datetime) -> timedelta:
    """Return for how long from now on any of these act; what two share counts once."""
    whole, until = timedelta(0), now
    for change in sorted(changes, key=lambda change: change.starts_at):
        whole += max(change.ends_at - max(change.starts_at, until), timedelta(0))
        until = max(until, change.ends_at)
    return whole


def _most(by_role: Mapping[str, float], roles: Collection[str]) -> float:
    return max((by_role[role] for role in roles if role in by_role), default=0.0)
