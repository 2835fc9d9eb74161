"""What is wanted of each figure, and who answers for it? (measurement) Data, kept as rows.

Of key figures a target is a lift over the permanent comparison group: until somebody says otherwise
what the product was built to reach. Other figures (personalize has those of models) are kept in the
same way, by what `Figures` says of them. Who answers for a figure only people can say.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from experiments.data.key_figures import Figures, KeyTarget, Wanted
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
LEAST, MOST = -0.99, 10.0  # a target of ten times as much again is a slip
OWNER_LONGEST, REASON_LONGEST = 80, 200

KEY = Figures(
    of="key figures",
    kept_as="",
    action="kpi.target_set",
    wanted={
        metric: Wanted(
            usual=USUAL.get(metric, USUAL_OF_TRACK[METRICS[metric].track]),
            least=LEAST,
            most=MOST,
            says="Say a lift in percent from -99 to 1000, or leave it empty.",
        )
        for metric in KEY_FIGURES
    },
)


def key_targets(*, at: datetime, figures: Figures = KEY) -> dict[str, KeyTarget]:
    """Return what was wanted of every figure at a moment."""
    kept = {figures.kept_as + name: name for name in figures.wanted}
    rows = KeyGoal.objects.filter(created_at__lte=at, metric__in=kept).order_by("metric", "-id")
    newest = {kept[row.metric]: row for row in rows.distinct("metric")}
    return {
        name: _target(name, newest.get(name), wanted) for name, wanted in figures.wanted.items()
    }


def set_key_target(actor: Actor, new: KeyTarget, *, now: datetime, figures: Figures = KEY) -> None:
    """Say what is wanted of a figure and who answers for it, with a ledger entry.

    Raises PermissionDenied without the role, ValidationError (by field) for what makes no sense.
    """
    if actor.kind is not ActorKind.SYSTEM and MAY_CHANGE not in actor.roles:
        raise PermissionDenied(
            f"To say what is wanted of {figures.of} you need the role {MAY_CHANGE}."
        )
    _check(new, figures)
    before = key_targets(at=now, figures=figures)[new.metric]
    with transaction.atomic():
        KeyGoal.objects.create(
            metric=figures.kept_as + new.metric,
            target=new.target,
            owner=new.owner.strip(),
            reason=new.reason.strip(),
            created_by=actor.name,
            created_at=now,
        )
        signals.append_ledger(
            actor=actor,
            action=figures.action,
            subject=new.metric,
            detail={
                "before": {"target": before.target, "owner": before.owner},
                "after": {"target": new.target, "owner": new.owner.strip()},
                "reason": new.reason.strip(),
            },
            now=now,
        )


def _check(new: KeyTarget, figures: Figures) -> None:
    wanted, found = figures.wanted.get(new.metric), dict[str, str]()
    if wanted is None:
        found["metric"] = f"Choose one of {', '.join(figures.wanted)}."
    elif new.target is not None and not wanted.least <= new.target <= wanted.most:
        found["target"] = wanted.says
    if not new.owner.strip() or len(new.owner) > OWNER_LONGEST:
        found["owner"] = f"Say who answers for it, in up to {OWNER_LONGEST} characters."
    if not new.reason.strip() or len(new.reason) > REASON_LONGEST:
        found["reason"] = f"Say why, in up to {REASON_LONGEST} characters: the ledger keeps it."
    if found:
        raise ValidationError(found)


def _target(metric: str, row: KeyGoal | None, wanted: Wanted) -> KeyTarget:
    if row is None:
        return KeyTarget(metric, wanted.usual, is_usual=True)
    return KeyTarget(metric, row.target, row.owner, row.reason, row.created_by, row.created_at)
