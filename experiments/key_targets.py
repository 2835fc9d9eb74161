"""What is wanted of each key figure, and who answers for it? (measurement) Data, kept as rows.

A target is a lift over the permanent comparison group. Until somebody says otherwise it is what the
product was built to reach; who answers for a figure only people can say.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from experiments.data.key_figures import KeyTarget
from experiments.lifts import KEY_FIGURES
from experiments.metrics import METRICS
from experiments.models import KeyGoal
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_CHANGE = "admin"
USUAL_OF_TRACK = {"engagement": 0.25, "progression": 0.65, "guardrail": None}
USUAL = {
    "courses_completed": 0.30,
    "satisfaction": 0.20,
    "revenue": 0.35,
    "preference_edits": None,  # neither many nor few are good by themselves
}
MOST = 10.0  # a target of ten times as much again is a slip
OWNER_LONGEST, REASON_LONGEST = 80, 200


def key_targets(*, at: datetime) -> dict[str, KeyTarget]:
    """Return what was wanted of every key figure at a moment."""
    rows = KeyGoal.objects.filter(created_at__lte=at).order_by("metric", "-id")
    newest = {row.metric: row for row in rows.distinct("metric")}
    return {metric: _target(metric, newest.get(metric)) for metric in KEY_FIGURES}


def set_key_target(actor: Actor, new: KeyTarget, *, now: datetime) -> None:
    """Say what is wanted of a key figure and who answers for it, with a ledger entry.

    Raises PermissionDenied without the role, ValidationError (by field) for what makes no sense.
    """
    if actor.kind is not ActorKind.SYSTEM and MAY_CHANGE not in actor.roles:
        raise PermissionDenied(
            f"To say what is wanted of key figures you need the role {MAY_CHANGE}."
        )
    _check(new)
    before = key_targets(at=now)[new.metric]
    with transaction.atomic():
        KeyGoal.objects.create(
            metric=new.metric,
            target=new.target,
            owner=new.owner.strip(),
            reason=new.reason.strip(),
            created_by=actor.name,
            created_at=now,
        )
        signals.append_ledger(
            actor=actor,
            action="kpi.target_set",
            subject=new.metric,
            detail={
                "before": {"target": before.target, "owner": before.owner},
                "after": {"target": new.target, "owner": new.owner.strip()},
                "reason": new.reason.strip(),
            },
            now=now,
        )


def _check(new: KeyTarget) -> None:
    found: dict[str, str] = {}
    if new.metric not in KEY_FIGURES:
        found["metric"] = f"Choose one of {', '.join(KEY_FIGURES)}."
    if new.target is not None and not -1 < new.target <= MOST:
        found["target"] = "Say a lift in percent from -99 to 1000, or leave it empty."
    if not new.owner.strip() or len(new.owner) > OWNER_LONGEST:
        found["owner"] = f"Say who answers for it, in up to {OWNER_LONGEST} characters."
    if not new.reason.strip() or len(new.reason) > REASON_LONGEST:
        found["reason"] = f"Say why, in up to {REASON_LONGEST} characters: the ledger keeps it."
    if found:
        raise ValidationError(found)


def _target(metric: str, row: KeyGoal | None) -> KeyTarget:
    if row is None:
        usual = USUAL.get(metric, USUAL_OF_TRACK[METRICS[metric].track])
        return KeyTarget(metric, usual, is_usual=True)
    return KeyTarget(metric, row.target, row.owner, row.reason, row.created_by, row.created_at)
