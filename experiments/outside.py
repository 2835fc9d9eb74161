"""Who takes no part in experiments? Exclusions by hand, and holdouts of surfaces (measurement).

Both keep people out before they are drawn. Whoever was shown an arm stays counted: leaving out
whose result is known already is how numbers are bent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from experiments import running
from experiments.data import ExperimentRefusedError
from experiments.models import Assignment, Exclusion, Experiment, SurfaceHoldout
from experiments.people import permit
from experiments.stats.wording import people
from experiments.surfaces import known
from signals import api as signals
from signals.data import Actor

LARGEST_HOLDOUT = 0.2


class SeenError(ExperimentRefusedError):
    """A learner who was shown an arm stays counted; a page must not tell who that is."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Who takes no part: learners by reason code as they may be shown, and shares by surface."""

    counts: Mapping[str, str]  # rounded to 5, in words
    holdouts: Mapping[str, float]


def left_out() -> LeftOut:
    """Return how many learners are left out for which reason, and what is held back."""
    rows = Exclusion.objects.values_list("reason").annotate(Count("learner_id", distinct=True))
    return LeftOut(
        counts={reason: people(count) for reason, count in rows},
        holdouts=dict(SurfaceHoldout.objects.filter(share__gt=0).values_list("surface", "share")),
    )


@transaction.atomic
def exclude(
    actor: Actor,
    *,
    learner_id: int | None,
    reason: str,
    note: str,
    now: datetime,
    experiment: str = "",
) -> None:
    """Take a learner into no experiment any more, or not into one; reason is a reason code.

    None is somebody nobody knows: what is asked is looked at alike, and nothing is kept.

    Raises:
        SeenError: where the learner was shown an arm already.
        ExperimentRefusedError: where the asking is at fault, whoever the learner is.
    """
    permit(actor)
    if reason not in Exclusion.Reason.values:
        raise ExperimentRefusedError(f"A reason is one of: {', '.join(Exclusion.Reason.values)}.")
    if not note.strip():
        raise ExperimentRefusedError("Say why in a note; whoever reads the list will ask for it.")
    if experiment and not Experiment.objects.filter(key=experiment).exists():
        raise ExperimentRefusedError(f"There is no experiment {experiment}.")
    if learner_id is None:
        return
    open_ones = Assignment.objects.filter(
        learner_id=learner_id, experiment__state__in=["running", "paused"]
    )
    if experiment:
        open_ones = open_ones.filter(experiment__key=experiment)
    seen = open_ones.values_list("experiment__key", flat=True)
    if seen:
        raise SeenError(
            f"This learner was shown an arm of {', '.join(sorted(seen))} and stays counted there. "
            "Mark the learner as staff, test account or bot where that is what they are: then no "
            "reading counts them."
        )
    Exclusion.objects.update_or_create(
        learner_id=learner_id,
        experiment_key=experiment,
        defaults={"reason": reason, "note": note.strip(), "at": now},
    )
    signals.append_ledger(
        actor=actor,
        action="experiment.excluded",
        subject=experiment or "every experiment",
        detail={"learner_id": learner_id, "reason": reason, "note": note.strip()},
        now=now,
        learner_id=learner_id,
    )


@transaction.atomic
def set_surface_holdout(
    actor: Actor, *, surface: str, share: float, reason: str, now: datetime
) -> None:
    """Keep a share of learners out of every experiment of a surface; 0 ends it.

    Refused while an experiment of the surface is open: nobody who is in an arm may be moved.
    """
    permit(actor)
    if surface not in known():
        raise ExperimentRefusedError(f"A surface is one of: {', '.join(sorted(known()))}.")
    if not 0 <= share <= LARGEST_HOLDOUT or not reason.strip():
        raise ExperimentRefusedError(
            f"Give a share from 0 to {LARGEST_HOLDOUT:.0%} and the reason for it."
        )
    if Experiment.objects.filter(
        surfaces__contains=[surface], state__in=["running", "paused"]
    ).exists():
        raise ExperimentRefusedError(
            f"An experiment of {surface} is open. Stop it first: its learners would be moved."
        )
    before = SurfaceHoldout.objects.filter(surface=surface).first()
    SurfaceHoldout.objects.update_or_create(
        surface=surface, defaults={"share": share, "by": str(actor), "at": now}
    )
    signals.append_ledger(
        actor=actor,
        action="experiment.holdout",
        subject=surface,
        detail={
            "before": before.share if before else 0.0,
            "after": share,
            "reason": reason.strip(),
        },
        now=now,
    )
    transaction.on_commit(running.forget_caches)
