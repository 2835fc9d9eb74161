"""How do people steer lists: changes of courses, and what lists strive for? Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What a person at the controls does to one course."""

    BOOST = "boost"
    LOWER = "lower"
    PIN = "pin"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Objectives:
    """How much two probabilities count in a score, how unsure a pick may be, and what is capped."""

    engagement: float  # that a pick is opened within 7 days
    progression: float  # that it is passed within 30 days, once begun: completed, half the points
    least_chance: float = 0.0  # that a pick is opened; below it is none. 0: there is no least
    field_share: float = 0.75  # of a list, the most one field takes while others have something
    provider_share: float = 0.5  # and one school or organisation
    well_known: float = 0.2  # the most taken off what is better known than what a learner takes


@dataclass(frozen=True, slots=True)
class Aim:
    """What the lists of some surface and some cohort strive for, until an end."""

    objectives: Objectives
    ends_at: datetime | None  # None: made before ends were asked for
    surface: str = ""  # everywhere
    cohort: str = ""  # everyone (decision/cohorts.py)

    def holds(self, surface: str, now: datetime, cohorts: Collection[str]) -> bool:
        """Say whether it acts on this surface, at this moment, for somebody in these cohorts."""
        lasts = self.ends_at is None or now < self.ends_at
        return (
            lasts and self.surface in {"", surface} and (not self.cohort or self.cohort in cohorts)
        )


@dataclass(frozen=True, slots=True)
class AimLimits:
    """How far what lists strive for may be moved; alone, or with a second person."""

    progression_least: float
    weight_most: float
    least_most: float
    share_least: float
    share_most: float
    well_known_most: float
    days: int


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """A change of what lists strive for: made, or asked for, and what became of it."""

    objective_id: int
    aim: Aim
    before: Objectives  # in force for the same lists until then
    reason: str
    created_by: str
    created_at: datetime
    state: str  # approved, waiting or refused
    decided_by: str
    decided_why: str
    undone_at: datetime | None
    undone_by: str
    measured: Mapping[str, Any] | None = None  # so far, or for good

    @property
    def objectives(self) -> Objectives:
        """Return the numbers."""
        return self.aim.objectives


@dataclass(frozen=True, slots=True)
class NewOverride:
    """A boost, lower, pin or hide to be made."""

    course_id: int
    change: Change
    reason: str
    starts_at: datetime
    ends_at: datetime
    strength: float = 0.0  # above 0, for boost and lower
    surface: str = ""  # "" is everywhere
    cohort: str = ""  # "" is everyone, "new", "returning" or "goal:" with a field
    note: str = ""


@dataclass(frozen=True, slots=True)
class OverrideLimits:
    """How far somebody may change single courses: alone, and where a second person approves."""

    changes: tuple[Change, ...]  # alone; empty: none at all
    strength: float  # the greatest, for boost and lower
    days: int  # the longest a change lasts
    changes_asked: tuple[Change, ...] = ()  # with a second person
    strength_asked: float = 0.0
    days_asked: int = 0
    approves: bool = False  # may be the second person of somebody else


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A boost, lower, pin or hide as the tower shows it; times of steps not taken are None."""

    override_id: int
    course_id: int
    change: Change
    strength: float  # 0 for pin and hide
    surface: str  # "" is everywhere
    reason: str
    note: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime
    undone_at: datetime | None
    undone_by: str
    cohort: str = ""  # "" is everyone
    state: str = "approved"  # or "waiting", "refused"
    decided_by: str = ""  # the second person, where one was needed
    decided_at: datetime | None = None
    decided_why: str = ""
    predicted: Mapping[str, Any] | None = None  # when it was made (decision/whatif)
    measured: Mapping[str, Any] | None = None  # so far, or for good
