"""L1 and L2: how does a learner start afresh? What was learned goes; courses and results stay.

Kept is tier 0 alone: enrolments, completions, scores, and what the switches are. Everything that
a recommendation could be made from beyond them goes, in every app.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from signals import ledger
from signals.data import Actor, Tier
from signals.kinds.registry import KINDS
from signals.models import (
    DoubtfulCourse,
    Event,
    FormatObservation,
    LearnerCourse,
    LearnerFeature,
    LearnerQuality,
    LearnerSession,
    PrivacyRequest,
    SearchQuery,
)
from signals.privacy import erasure, registry, requests

_BEYOND_NEEDED = [kind.code for kind in KINDS.values() if kind.tier is not Tier.NEEDED]
_DERIVED = (
    FormatObservation,
    LearnerFeature,
    LearnerSession,
    LearnerQuality,
    DoubtfulCourse,
)
_NEEDED = ("enrolled_at", "unenrolled_at", "completed_at", "started_at")


def reset_learner(learner_id: int, *, actor: Actor, now: datetime) -> tuple[UUID, dict[str, int]]:
    """Forget what was learned of a learner; return the receipt and what each app let go of."""
    with transaction.atomic():
        erasure.hold_off()
        removed = registry.reset_everywhere(learner_id)
        receipt = requests.done(
            PrivacyRequest.Kind.RESET, learner_id=learner_id, actor=actor, now=now
        )
        ledger.append(
            actor=actor,
            action="learner.reset",
            subject=f"learner:{learner_id}",
            detail={"removed": removed},
            now=now,
        )
    return receipt, removed


def reset_own_tables(learner_id: int) -> int:
    """Delete signals' rows beyond what the contract needs; ask for features to be made anew."""
    about = {"learner_id": learner_id}
    erasure.count_searches_anew(learner_id)
    removed = Event.objects.filter(**about, kind__in=_BEYOND_NEEDED).delete()[0]
    removed += SearchQuery.objects.filter(**about).delete()[0]
    removed += sum(model.objects.filter(**about).delete()[0] for model in _DERIVED)
    courses = LearnerCourse.objects.filter(**about)
    needed = Q()
    for name in _NEEDED:
        needed |= Q(**{f"{name}__isnull": False})
    removed += courses.exclude(needed).delete()[0]
    courses.update(
        viewed_at=None,
        rating=None,
        rated_at=None,
        last_at=Greatest(*(F(name) for name in _NEEDED)),
    )
    return removed
