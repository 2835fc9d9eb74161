"""What lists strive for, put in force for tests: approved by a second person where it has to be."""

from datetime import datetime, timedelta

from personalize import api
from personalize.data import Aim, ObjectiveRow, Objectives
from signals.data import SYSTEM, Actor, ActorKind
from tests.factories import moment

BOSS = Actor(ActorKind.STAFF, "boss", frozenset({"admin"}))


def aim(wanted: Objectives, *, days: float = 14, surface: str = "", cohort: str = "") -> Aim:
    """Return weights for so many days from now."""
    return Aim(wanted, moment(days=-days), surface, cohort)


def in_force(
    wanted: Objectives,
    *,
    reason: str = "For a test",
    surface: str = "",
    cohort: str = "",
    at: datetime | None = None,
) -> ObjectiveRow:
    """Put weights in force since a moment."""
    since = at or moment()
    lasting = Aim(wanted, since + timedelta(days=14), surface, cohort)
    row = api.set_objectives(SYSTEM, lasting, reason=reason, now=since)
    if row.state == "waiting":
        row = api.approve_objectives(BOSS, row.objective_id, now=since)
    return row
