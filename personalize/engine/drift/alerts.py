"""When does an alert begin, who has it, and when is it over? (L3) One open alert a feature.

An alert that fires again is the same alert. It is over by itself once it has not fired for six
hours and nothing of its feature is far from what it was, in windows of six hours and a day: what
came to stay is over when both weeks it is compared with have it too.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from personalize.engine.drift.features import RETRAINED_FOR, Feature
from personalize.engine.drift.looks import Look, Moved
from personalize.models import DriftAlert
from signals import api
from signals.data import Actor, ActorKind

QUIET_FOR = timedelta(hours=6)
WHOLE = ""  # of a mix, where no single part is beyond its limit
MAY_TAKE = frozenset({"admin", "analyst"})
REASON_LONGEST = 200


class State(StrEnum):
    """Where an alert stands."""

    OPEN = "open"  # nobody has taken it
    SEEN = "seen"  # somebody has
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as pages show it; `moved` is what moved most when it moved most."""

    number: int
    feature: str
    state: State
    moved: tuple[Moved, ...]
    opened_at: datetime
    last_at: datetime
    owner: str
    seen_at: datetime | None
    over_at: datetime | None
    retrains: bool  # newer data may be a remedy
    retrained_at: datetime | None
    came_of_it: str


def settle(looks: Iterable[Look], *, now: datetime) -> tuple[str, ...]:
    """Open, renew and end alerts by what a look found; return the features that are new alerts."""
    opened = []
    for look in looks:
        with transaction.atomic():
            alert = _standing(look.feature)
            moved = _said(look)
            if moved and alert is None:
                _open(look, moved, now=now)
                opened.append(look.feature)
            elif moved and alert is not None:
                _renew(alert, moved, now=now)
            elif alert is not None and look.calm and now - alert.last_at >= QUIET_FOR:
                alert.over_at = now
                alert.save(update_fields=["over_at"])
    return tuple(opened)


def may_take(roles: Collection[str]) -> bool:
    """Say whether these roles may become the owner of an alert."""
    return bool(MAY_TAKE.intersection(roles))


def take(actor: Actor, number: int, *, reason: str, now: datetime) -> bool:
    """Make somebody the owner of an alert; False where it is over or was never there.

    Raise PermissionDenied without a role that may.
    """
    if actor.kind is not ActorKind.SYSTEM and not may_take(actor.roles):
        raise PermissionDenied("To take an alert you need the role admin or analyst.")
    with transaction.atomic():
        alert = DriftAlert.objects.select_for_update().filter(pk=number, over_at=None).first()
        if alert is None:
            return False
        before, alert.owner, alert.seen_at = alert.owner, actor.name, now
        alert.save(update_fields=["owner", "seen_at"])
        api.append_ledger(
            actor=actor,
            action="drift.taken",
            subject=f"{alert.feature} since {alert.opened_at:%Y-%m-%d %H:%M}",
            detail={"before": before, "reason": reason.strip()[:REASON_LONGEST]},
            now=now,
        )
    return True


def listed(*, limit: int = 20) -> tuple[Alert, ...]:
    """Return the newest alerts, those that are not over first."""
    rows = list(DriftAlert.objects.filter(over_at=None))
    rows += list(DriftAlert.objects.filter(over_at__isnull=False)[:limit])
    return tuple(_alert(row) for row in rows[:limit])


def unanswered() -> Sequence[DriftAlert]:
    """Return the alerts newer data may be a remedy for, and no model was trained for yet."""
    return list(
        DriftAlert.objects.filter(
            over_at=None, retrained_at=None, feature__in=[each.value for each in RETRAINED_FOR]
        )
    )


def _standing(feature: str) -> DriftAlert | None:
    rows = DriftAlert.objects.select_for_update().filter(feature=feature, over_at=None)
    return rows.first()


def _said(look: Look) -> list[dict[str, Any]]:
    moved = [asdict(each) for each in look.moved]
    if look.mixed and not moved and look.index is not None:
        return [asdict(Moved(WHOLE, 0, round(look.index, 4), 0.0, 0.0))]
    return moved


def _open(look: Look, moved: list[dict[str, Any]], *, now: datetime) -> None:
    DriftAlert.objects.create(feature=look.feature, parts=moved, opened_at=now, last_at=now)


def _renew(alert: DriftAlert, moved: list[dict[str, Any]], *, now: datetime) -> None:
    if _most(moved) > _most(alert.parts):
        alert.parts = moved
    alert.last_at = now
    alert.save(update_fields=["parts", "last_at"])


def _most(moved: list[dict[str, Any]]) -> float:
    return max(abs(float(each["change"])) for each in moved)


def _alert(row: DriftAlert) -> Alert:
    state = State.OVER if row.over_at else State.SEEN if row.seen_at else State.OPEN
    return Alert(
        number=row.pk,
        feature=row.feature,
        state=state,
        moved=tuple(Moved(**each) for each in row.parts),
        opened_at=row.opened_at,
        last_at=row.last_at,
        owner=row.owner,
        seen_at=row.seen_at,
        over_at=row.over_at,
        retrains=Feature(row.feature) in RETRAINED_FOR,
        retrained_at=row.retrained_at,
        came_of_it=row.came_of_it,
    )
