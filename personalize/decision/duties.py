"""What does personalize owe a learner who leaves, asks or objects? (L4) Called by signals."""

import logging
from datetime import datetime

import redis
from django.db import transaction
from django.db.models import F, Q

from personalize.decision import log as decisions
from personalize.decision import memory
from personalize.decision.export import export
from personalize.decision.feedback import PLACES
from personalize.decision.parts import CODES
from personalize.engine import traces
from personalize.models import (
    Decision,
    Feedback,
    InterestChange,
    LearningPath,
    PathChange,
    Profile,
    ScoredRequest,
    UnusedCourse,
)
from signals import api as signals
from signals.data import Allowed, Tier

NAME = "personalize"

WORDS = (Feedback.objects, UnusedCourse.objects)  # on single courses
STATED = (Profile.objects, InterestChange.objects)
PATHS = (LearningPath.objects, PathChange.objects)  # planned from what was stated: made again

log = logging.getLogger(__name__)


def register() -> None:
    """Register the duties with signals."""
    signals.on_erase(NAME, erase)
    signals.on_erase(f"{NAME}.cache", forget_cached, step="caches")
    signals.on_export(NAME, export)
    signals.on_consent(NAME, consent_changed)
    signals.on_reset(NAME, reset)
    signals.on_left(NAME, left)
    signals.on_left(f"{NAME}.models", traces.naming, step="models")


def erase(learner_id: int) -> int:
    """Delete every row about a learner; return how many there were."""
    decisions.forget(learner_id)
    _forget_again(learner_id)
    about = (Decision.objects, ScoredRequest.objects, *WORDS, *STATED, *PATHS)
    return sum(rows.filter(learner_id=learner_id).delete()[0] for rows in about)


def forget_cached(learner_id: int) -> int:
    """Delete what the cache holds about a learner; return how many keys there were."""
    return memory.forget(learner_id, PLACES)


def reset(learner_id: int) -> int:
    """Forget lists, reasons, paths and words on courses; a stated goal stays until taken back."""
    decisions.forget(learner_id)
    removed = memory.forget(learner_id, PLACES)
    _forget_again(learner_id)
    for rows in (Decision.objects, ScoredRequest.objects, *WORDS, *PATHS):
        removed += rows.filter(learner_id=learner_id).delete()[0]
    return removed


def left(learner_id: int) -> int:
    """Return how many keys of the cache are still about a learner."""
    return memory.held(learner_id, PLACES)


def consent_changed(learner_id: int, allowed: Allowed, _now: datetime) -> None:
    """Delete the stored reasons of a learner who switched off what they rest on."""
    if allowed.personalization and not allowed.inferred:
        _forget_formats(learner_id)
    if allowed.personalization:
        return
    decisions.forget(learner_id)
    for rows in (*PATHS, ScoredRequest.objects):
        rows.filter(learner_id=learner_id).delete()
    _forget_reasons(learner_id)
    _forget_lists(learner_id)
    _forget_again(learner_id)


def _forget_again(learner_id: int) -> None:
    """Delete once more after the commit what a request under way may have left meanwhile."""
    transaction.on_commit(lambda: _forget_reasons(learner_id), robust=True)
    transaction.on_commit(lambda: _forget_lists(learner_id), robust=True)


def _forget_reasons(learner_id: int) -> None:
    Decision.objects.filter(
        Q(parts_wide__gt=0) | Q(inputs__isnull=False), learner_id=learner_id
    ).update(
        parts_wide=0,
        part_codes=[],
        part_values=[],
        goal=None,
        drafted_for=None,
        teams=None,
        inputs=None,
    )


def _forget_formats(learner_id: int) -> None:
    """Delete the reasons of lists in which observed formats counted, and what they were made of."""
    Decision.objects.filter(
        learner_id=learner_id, part_codes__contains=[CODES["format_observed"]]
    ).update(parts_wide=0, part_codes=[], part_values=[])
    inferred = F("tiers").bitand(1 << Tier.INFERRED)
    Decision.objects.annotate(inferred=inferred).filter(
        learner_id=learner_id, inferred__gt=0, inputs__isnull=False
    ).update(inputs=None)
    _forget_lists(learner_id)


def _forget_lists(learner_id: int) -> None:
    try:
        memory.forget(learner_id, PLACES)
    except redis.RedisError as error:  # what it holds is served only with consent, and expires
        log.warning("Remembered lists of a learner were not deleted: %s", error)
