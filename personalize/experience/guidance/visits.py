"""When was a learner here, and what of the tour do they know? (L5) One row a learner."""

from datetime import datetime, timedelta

from django.db import transaction

from personalize.models import Guide
from signals import api as signals

APART = timedelta(minutes=30)  # who was away so long begins another visit, as sessions do
WRITTEN_EVERY = timedelta(minutes=1)  # a reload is no reason to write


def note(learner_id: int, *, now: datetime) -> Guide | None:
    """Keep that a learner is here; return when they were, None for who is gone.

    Raises django.db.Error.
    """
    held = Guide.objects.filter(learner_id=learner_id).first()
    if held is not None and held.seen_at is not None and now - held.seen_at < WRITTEN_EVERY:
        return held
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            return None
        held, _ = Guide.objects.select_for_update().get_or_create(learner_id=learner_id)
        if held.seen_at is None or now - held.seen_at >= APART:
            held.before_at, held.visit_at = held.visit_at, now
        held.seen_at = now
        held.save(update_fields=["before_at", "visit_at", "seen_at"])
    return held


def saw_why(learner_id: int, *, now: datetime) -> None:
    """Keep when a learner first opened a reason."""
    Guide.objects.filter(learner_id=learner_id, why_at=None).update(why_at=now)


def close(learner_id: int, what: str, *, now: datetime) -> None:
    """Dismiss the tour, or a tip, for good. Raises ErasedLearnerError for who is gone."""
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        held, _ = Guide.objects.select_for_update().get_or_create(learner_id=learner_id)
        if what == "tour":
            held.closed_at = now
        elif what not in held.tips:
            held.tips.append(what)
        held.save(update_fields=["closed_at", "tips"])
