"""What have people at the controls decided that is in force just now? (L4)

Changes are rows with a reason, an end and a ledger entry (decision/changes.py). Each process reads
what is in force about once a second (decision/upkeep.py), so a hidden course is gone everywhere
within two seconds. What a process last read stays in force while the database is away.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Self

import numpy as np
from django.db import connection

from personalize.data import Aim, Change, NewOverride, Objectives
from personalize.decision.cohorts import NOBODY
from personalize.decision.objectives import USUAL
from personalize.decision.policy import Rules
from personalize.decision.shelf import Shelf

CURATED, OBJECTIVES = "curated", "objectives"  # rows in force that change no single course
NO_CHANGES = frozenset({CURATED, OBJECTIVES})
MOVES = frozenset({Change.BOOST, Change.LOWER})

_IN_FORCE = """
SELECT course_id, change, strength, surface, starts_at, ends_at, cohort, 0 AS position, id,
  '' AS numbers, created_at AS came
FROM personalize_override
WHERE undone_at IS NULL AND ends_at > now() AND state = 'approved'
UNION ALL
SELECT course_id, 'curated', 0, '', NULL, NULL, '', position, id, '', NULL
FROM personalize_curatedcourse
UNION ALL
SELECT 0, 'objectives', 0, surface, NULL, ends_at, cohort, 0, id,
  concat_ws(' ', engagement, progression, least_chance, field_share, provider_share, well_known),
  coalesce(decided_at, created_at)
FROM personalize_objective
WHERE undone_at IS NULL AND (ends_at IS NULL OR ends_at > now()) AND state = 'approved'
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
    cohort: str = ""  # everyone
    override_id: int = 0  # of its row; 0 while it is only considered

    @classmethod
    def of(cls, new: NewOverride) -> Self:
        """Return a change that is only being considered."""
        return cls(
            course_id=new.course_id,
            change=new.change,
            strength=new.strength,
            surface=new.surface,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            cohort=new.cohort,
        )

    def holds(self, surface: str, now: datetime) -> bool:
        """Say whether it acts on this surface at this moment, whoever it is for."""
        return self.starts_at <= now < self.ends_at and self.surface in {"", surface}

    def is_for(self, cohorts: frozenset[str]) -> bool:
        """Say whether it acts on the lists of somebody in these cohorts."""
        return not self.cohort or self.cohort in cohorts


@dataclass(frozen=True, slots=True)
class Controls:
    """Everything people decided, as one process last read it."""

    changes: tuple[InForce, ...] = ()
    curated: tuple[int, ...] = ()
    aims: tuple[Aim, ...] = ()  # newest first

    def objectives(
        self, surface: str, *, now: datetime, cohorts: frozenset[str] = NOBODY
    ) -> Objectives:
        """Return what a list of this surface strives for, for somebody in these cohorts."""
        found = (aim.objectives for aim in self.aims if aim.holds(surface, now, cohorts))
        return next(found, USUAL)

    def hidden(self, surface: str, *, now: datetime) -> frozenset[int]:
        """Return the courses nobody may see on this surface."""
        return frozenset(
            change.course_id
            for change in self.changes
            if change.change is Change.HIDE and change.holds(surface, now)
        )

    def until(
        self,
        course_id: int,
        change: Change,
        *,
        surface: str,
        now: datetime,
        cohorts: frozenset[str] = NOBODY,
    ) -> datetime | None:
        """Return when a change of a course ends, None when there is none."""
        return next(
            (
                held.ends_at
                for held in self.changes
                if held.course_id == course_id
                and held.change is change
                and held.holds(surface, now)
                and held.is_for(cohorts)
            ),
            None,
        )

    def rules(
        self, surface: str, *, shelf: Shelf, now: datetime, cohorts: frozenset[str] = NOBODY
    ) -> Rules:
        """Return the changes as the policy reads them for somebody in these cohorts."""
        held = [
            change
            for change in self.changes
            if change.holds(surface, now) and change.is_for(cohorts)
        ]
        objectives = self.objectives(surface, now=now, cohorts=cohorts)
        if not held:
            return Rules(objectives=objectives)
        moved = [change for change in held if change.change in MOVES]
        places = shelf.places([change.course_id for change in moved])
        signs = np.array([1 if c.change is Change.BOOST else -1 for c in moved], dtype=float)
        strengths = signs * np.array([change.strength for change in moved], dtype=float)
        return Rules(
            hidden=shelf.known([c.course_id for c in held if c.change is Change.HIDE]),
            pinned=shelf.known(
                list(dict.fromkeys(c.course_id for c in held if c.change is Change.PIN))
            ),
            boosted=places[places >= 0],
            strengths=strengths[places >= 0],
            objectives=objectives,
        )


def read() -> Controls:
    """Read what is in force, in one statement. Raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE)
        rows = cursor.fetchall()
    aims = [row for row in rows if row[1] == OBJECTIVES]
    return Controls(
        changes=tuple(
            InForce(row[0], Change(row[1]), row[2], row[3], row[4], row[5], row[6], row[8])
            for row in rows
            if row[1] not in NO_CHANGES
        ),
        curated=tuple(row[0] for row in rows if row[1] == CURATED),
        aims=tuple(
            Aim(Objectives(*map(float, row[9].split())), row[5], row[3], row[6])
            for row in sorted(aims, key=lambda row: (row[10], row[8]), reverse=True)
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
