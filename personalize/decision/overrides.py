"""What did people at the controls decide about single courses? (L4)

Changes are rows with a reason, an end and a ledger entry; they are undone, never deleted. Each
process reads what is in force about once a second (decision/upkeep.py), so a hidden course is gone
everywhere within two seconds. What a process last read stays in force while the database is away.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Self

import numpy as np
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from personalize.data import Change, NewOverride, Objectives, OverrideLimits, OverrideRow
from personalize.decision.objectives import USUAL
from personalize.decision.policy import Rules
from personalize.decision.shelf import Shelf
from personalize.decision.surfaces import SURFACES
from personalize.models import Override
from signals import api as signals
from signals import catalogue
from signals.data import Actor, ActorKind

# How far each role may move a course without a second person, in parts of the best pick's score.
STRENGTH_MOST: Mapping[str, float] = {"admin": 0.5, "merchandiser": 0.3, "analyst": 0.2}
MAY_PIN_AND_HIDE = frozenset({"admin"})
DAYS_MOST = 30
STATES = ("active", "ended")
CURATED, OBJECTIVES = "curated", "objectives"  # rows in force that change no single course
NO_CHANGES = frozenset({CURATED, OBJECTIVES})
MOVES = frozenset({Change.BOOST, Change.LOWER})

_IN_FORCE = """
SELECT course_id, change, strength, surface, starts_at, ends_at, 0 AS position, id
FROM personalize_override WHERE undone_at IS NULL AND ends_at > now()
UNION ALL
SELECT course_id, 'curated', 0, '', NULL, NULL, position, id FROM personalize_curatedcourse
UNION ALL
(SELECT 0, 'objectives', engagement,
  concat_ws(' ', progression, least_chance, field_share, provider_share, well_known), NULL, NULL, 0,
  id FROM personalize_objective ORDER BY id DESC LIMIT 1)
ORDER BY position, id
"""


@dataclass(frozen=True, slots=True)
class InForce:
    """One change that has not ended."""

    course_id: int
    change: Change
    strength: float
    surface: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, new: NewOverride) -> Self:
        """Return a change that is only being considered."""
        return cls(new.course_id, new.change, new.strength, new.surface, new.starts_at, new.ends_at)

    def holds(self, surface: str, now: datetime) -> bool:
        """Say whether it acts on this surface at this moment."""
        return self.starts_at <= now < self.ends_at and self.surface in {"", surface}


@dataclass(frozen=True, slots=True)
class Controls:
    """Everything people decided, as one process last read it."""

    changes: tuple[InForce, ...] = ()
    curated: tuple[int, ...] = ()
    objectives: Objectives = USUAL

    def hidden(self, surface: str, *, now: datetime) -> frozenset[int]:
        """Return the courses nobody may see on this surface."""
        return frozenset(
            change.course_id
            for change in self.changes
            if change.change is Change.HIDE and change.holds(surface, now)
        )

    def until(
        self, course_id: int, change: Change, *, surface: str, now: datetime
    ) -> datetime | None:
        """Return when a change of a course ends, None when there is none."""
        return next(
            (
                held.ends_at
                for held in self.changes
                if held.course_id == course_id
                and held.change is change
                and held.holds(surface, now)
            ),
            None,
        )

    def rules(self, surface: str, *, shelf: Shelf, now: datetime) -> Rules:
        """Return the changes as the policy reads them."""
        held = [change for change in self.changes if change.holds(surface, now)]
        if not held:
            return Rules(objectives=self.objectives)
        moved = [change for change in held if change.change in MOVES]
        places = shelf.places([change.course_id for change in moved])
        signs = np.array([1 if c.change is Change.BOOST else -1 for c in moved], dtype=float)
        strengths = signs * np.array([change.strength for change in moved], dtype=float)
        return Rules(
            hidden=shelf.known([c.course_id for c in held if c.change is Change.HIDE]),
            pinned=shelf.known([c.course_id for c in held if c.change is Change.PIN]),
            boosted=places[places >= 0],
            strengths=strengths[places >= 0],
            objectives=self.objectives,
        )


def read() -> Controls:
    """Read what is in force, in one statement. Raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE)
        rows = cursor.fetchall()
    return Controls(
        changes=tuple(
            InForce(row[0], Change(row[1]), row[2], row[3], row[4], row[5])
            for row in rows
            if row[1] not in NO_CHANGES
        ),
        curated=tuple(row[0] for row in rows if row[1] == CURATED),
        objectives=next(
            (
                Objectives(row[2], *map(float, row[3].split()))
                for row in rows
                if row[1] == OBJECTIVES
            ),
            USUAL,
        ),
    )


class Cache:
    """What this process believes is in force, and since when."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Know nothing, like a process that has just started."""
        self.known = False
        self.controls = Controls()

    def refresh(self) -> None:
        """Read again; while one thread does, the others go on with what was read before."""
        if not self._lock.acquire(blocking=not self.known):
            return
        try:
            self.controls = read()
            self.known = True
        finally:
            self._lock.release()

    def adopt(self, controls: Controls) -> None:
        """Take over what another process wrote down, where nothing better is known."""
        if not self.known:
            self.controls = controls


IN_FORCE = Cache()


def limits(roles: Collection[str]) -> OverrideLimits:
    """Return how far somebody with these roles may change single courses."""
    strength = max((STRENGTH_MOST[role] for role in roles if role in STRENGTH_MOST), default=0.0)
    changes = [Change.BOOST, Change.LOWER] if strength else []
    if not MAY_PIN_AND_HIDE.isdisjoint(roles):
        changes += [Change.PIN, Change.HIDE]
    return OverrideLimits(changes=tuple(changes), strength=strength, days=DAYS_MOST)


def create(actor: Actor, new: NewOverride, *, now: datetime) -> OverrideRow:
    """Put a change in force and into the ledger.

    Raises PermissionDenied without the role, ValidationError (by field) for what is out of limits.
    """
    check(actor, new, now=now)
    with transaction.atomic():
        row = Override.objects.create(
            course_id=new.course_id,
            change=new.change,
            strength=new.strength if new.change in MOVES else 0.0,
            surface=new.surface,
            reason=new.reason.strip(),
            note=new.note.strip(),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            created_by=actor.name,
            created_at=now,
        )
        _enter(actor, f"override.{new.change}", row, now=now)
    return _row(row)


def undo(actor: Actor, override_id: int, *, now: datetime) -> OverrideRow:
    """End a change at once; doing it twice changes nothing.

    Raises Override.DoesNotExist, and PermissionDenied for who could not have made it.
    """
    with transaction.atomic():
        row = Override.objects.select_for_update().get(id=override_id)
        _require(actor, Change(row.change))
        if row.undone_at is None:
            row.undone_at, row.undone_by = now, actor.name
            row.save(update_fields=["undone_at", "undone_by"])
            _enter(actor, "override.undone", row, now=now)
    return _row(row)


def listed(state: str = "active", *, now: datetime, limit: int = 200) -> tuple[OverrideRow, ...]:
    """Return active changes (planned ones too) or ended ones, newest first."""
    if state not in STATES:
        raise ValueError(f"state is {state!r}; say one of {', '.join(STATES)}.")
    active = Override.objects.filter(undone_at=None, ends_at__gt=now)
    rows = active if state == "active" else Override.objects.exclude(pk__in=active.values("pk"))
    return tuple(_row(row) for row in rows.order_by("-created_at", "-id")[:limit])


def at_that_time(course_id: int, change: Change, *, at: datetime) -> OverrideRow | None:
    """Return the change that acted on a course at a moment, for an explanation."""
    row = (
        Override.objects.filter(
            course_id=course_id, change=change, starts_at__lte=at, ends_at__gt=at
        )
        .order_by("-created_at")
        .first()
    )
    return _row(row) if row else None


def _limits_of(actor: Actor) -> OverrideLimits:
    return limits(STRENGTH_MOST if actor.kind is ActorKind.SYSTEM else actor.roles)


def _require(actor: Actor, change: Change) -> None:
    if change not in _limits_of(actor).changes:
        able = STRENGTH_MOST if change in MOVES else MAY_PIN_AND_HIDE
        needed = " or ".join(sorted(able))
        raise PermissionDenied(f"To {change} a course, or to undo that, needs the role {needed}.")


def check(actor: Actor, new: NewOverride, *, now: datetime) -> None:
    """Raise PermissionDenied without the role, ValidationError (by field) when out of limits."""
    _require(actor, new.change)
    strength_most = _limits_of(actor).strength
    found: dict[str, str] = {}
    if catalogue.course(new.course_id) is None:
        found["course_id"] = "This course is not in the catalogue. Choose one that is listed."
    if new.change in MOVES and not 0 < new.strength <= strength_most:
        found["strength"] = f"The strength is above 0 and at most {strength_most} for your role."
    if new.surface and new.surface not in SURFACES:
        found["surface"] = f"Say one of {', '.join(SURFACES)}, or leave it empty for all."
    if not new.reason.strip():
        found["reason"] = "Say why: the ledger keeps the reason; learners see that staff did it."
    if new.ends_at <= max(new.starts_at, now):
        found["ends_at"] = "The end lies after the start and in the future."
    elif new.ends_at - new.starts_at > timedelta(days=DAYS_MOST):
        found["ends_at"] = f"A change lasts at most {DAYS_MOST} days; make a new one after that."
    if found:
        raise ValidationError(found)


def _enter(actor: Actor, action: str, row: Override, *, now: datetime) -> None:
    signals.append_ledger(
        actor=actor,
        action=action,
        subject=f"course:{row.course_id}",
        detail={
            "override": row.pk,
            "change": row.change,
            "strength": row.strength,
            "surface": row.surface,
            "reason": row.reason,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
        },
        now=now,
    )


def _row(row: Override) -> OverrideRow:
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
    )
