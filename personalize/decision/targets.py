"""What is wanted of each figure of a model, and who answers for it? (L4) Data, kept as rows.

Until somebody says otherwise, what finds and surprises must do so better than the list that is
alike for everyone, and the rest keeps to a bound. Who answers for a figure only people can say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from personalize.engine.gates.coverage import FLOOR
from personalize.models import FigureTarget
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_CHANGE = "admin"
NARROW = 0.95  # as unequal as twenty exposures in one course of a catalogue and none elsewhere
TWICE = 1.0  # as well known again as what learners then took
OWNER_LONGEST, REASON_LONGEST = 80, 200


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the review. `usual` is its target where nobody set one.

    None as `usual` is what the list that is alike for everyone reaches on the same learners.
    """

    at_least: bool  # the target is the least it may be; else the most
    most: float  # a target above it is a slip
    usual: float | None = None


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "precision": Figure(at_least=True, most=1.0),
        "recall": Figure(at_least=True, most=1.0),
        "ndcg": Figure(at_least=True, most=1.0),
        "coverage": Figure(at_least=True, most=1.0, usual=FLOOR),
        "novelty": Figure(at_least=True, most=40.0),
        "gini": Figure(at_least=False, most=1.0, usual=NARROW),
        "lift": Figure(at_least=False, most=10.0, usual=TWICE),
        "calibration": Figure(at_least=False, most=1.0, usual=0.03),
        "false": Figure(at_least=False, most=1.0, usual=0.10),
        "latency": Figure(at_least=False, most=10_000.0, usual=200.0),  # what a page may wait, ms
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted of a figure; target None is what it is by itself."""

    figure: str
    target: float | None
    owner: str
    reason: str = ""
    created_by: str = ""
    created_at: datetime | None = None


def targets(*, at: datetime) -> dict[str, Target]:
    """Return what was wanted of every figure at a moment."""
    rows = FigureTarget.objects.filter(created_at__lte=at).order_by("figure", "-id")
    newest = {row.figure: row for row in rows.distinct("figure")}
    return {key: _target(key, newest.get(key)) for key in FIGURES}


def set_target(actor: Actor, new: Target, *, now: datetime) -> None:
    """Say what is wanted of a figure and who answers for it, with a ledger entry.

    Raises PermissionDenied without the role, ValidationError (by field) for what makes no sense.
    """
    if actor.kind is not ActorKind.SYSTEM and MAY_CHANGE not in actor.roles:
        raise PermissionDenied(f"To say what is wanted of models you need the role {MAY_CHANGE}.")
    _check(new)
    before = targets(at=now)[new.figure]
    with transaction.atomic():
        FigureTarget.objects.create(
            figure=new.figure,
            target=new.target,
            owner=new.owner.strip(),
            reason=new.reason.strip(),
            created_by=actor.name,
            created_at=now,
        )
        signals.append_ledger(
            actor=actor,
            action="model.target_set",
            subject=new.figure,
            detail={
                "before": {"target": before.target, "owner": before.owner},
                "after": {"target": new.target, "owner": new.owner.strip()},
                "reason": new.reason.strip(),
            },
            now=now,
        )


def _check(new: Target) -> None:
    figure = FIGURES.get(new.figure)
    found: dict[str, str] = {}
    if figure is None:
        found["figure"] = f"Choose one of {', '.join(FIGURES)}."
    elif new.target is not None and not 0 <= new.target <= figure.most:
        found["target"] = f"Say a number from 0 to {figure.most:g}, or leave it empty."
    if not new.owner.strip() or len(new.owner) > OWNER_LONGEST:
        found["owner"] = f"Say who answers for it, in up to {OWNER_LONGEST} characters."
    if not new.reason.strip() or len(new.reason) > REASON_LONGEST:
        found["reason"] = f"Say why, in up to {REASON_LONGEST} characters: the ledger keeps it."
    if found:
        raise ValidationError(found)


def _target(key: str, row: FigureTarget | None) -> Target:
    if row is None:
        return Target(key, None, "")
    return Target(key, row.target, row.owner, row.reason, row.created_by, row.created_at)
