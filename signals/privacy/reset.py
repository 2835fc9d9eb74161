"""L1 and L2: how does a learner start afresh? What was learned goes; where they stand stays.

A reset leaves tier 0 alone: enrolments, completions, results, and the switches. Everything beyond
it that a recommendation could be made from goes, in every app. A whole reset takes the single
steps of tier 0 with it, so that of the past only where the learner stands is left. A moment is kept
beside the learner: what a source tells again from before it is not taken in.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from signals import ledger
from signals.data import Actor, Tier
from signals.kinds.kind import Mark
from signals.kinds.registry import KINDS
from signals.models import (
    DoubtfulCourse,
    Event,
    FormatObservation,
    ForumPost,
    Learner,
    LearnerCourse,
    LearnerFeature,
    LearnerModule,
    LearnerQuality,
    LearnerSession,
    PrivacyRequest,
    QualityFinding,
    SearchQuery,
)
from signals.models.statements import run
from signals.privacy import gate, own_rows, registry, requests

# What they made is made anew of what is left.
READERS = ("features", "measured", "quality", "sessions")

_BEYOND_NEEDED = [kind.code for kind in KINDS.values() if kind.tier is not Tier.NEEDED]
_COURSE_MARKS = (
    Mark.VIEWED | Mark.ENROLLED | Mark.UNENROLLED | Mark.COMPLETED | Mark.STARTED | Mark.RATED
)
_COUNTED = {kind.code for kind in KINDS.values() if kind.marks & _COURSE_MARKS}
_GONE = (
    SearchQuery,
    ForumPost,
    FormatObservation,
    LearnerFeature,
    LearnerSession,
    LearnerQuality,
    DoubtfulCourse,
    QualityFinding,
)
_COURSE_NEEDED = ("enrolled_at", "unenrolled_at", "completed_at", "started_at")
_MODULE_NEEDED = ("started_at", "completed_at", "score")

# The history of a course counts no more events than there are, as what is learned from asks for.
_COUNT_ANEW = """
UPDATE signals_learnercourse h SET events = greatest(h.events - gone.n, 0)
FROM (
    SELECT learner_id, course_id, count(*) AS n FROM signals_event
    WHERE learner_id = %b AND kind = ANY(%b::smallint[]) GROUP BY 1, 2
) gone
WHERE (h.learner_id, h.course_id) = (gone.learner_id, gone.course_id)
"""
_ASK = """
INSERT INTO signals_pendinglearner (reader, learner_id) SELECT unnest(%b::text[]), %b
ON CONFLICT (reader, learner_id) DO UPDATE SET reader = excluded.reader
"""


def reset_learner(
    learner_id: int, *, whole: bool = False, actor: Actor, now: datetime
) -> tuple[UUID, dict[str, int]]:
    """Forget what was learned of a learner; return the receipt and what each app let go of.

    `whole` takes the single steps of tier 0 as well. Raises ErasedLearnerError for who is gone.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        marked = {"reset_at": now} | ({"forgot_at": now} if whole else {})
        Learner.objects.filter(learner_id=learner_id).update(**marked)
        removed = registry.reset_everywhere(learner_id)
        if whole:
            removed["signals"] += _delete_events(learner_id, [kind.code for kind in KINDS.values()])
        receipt = requests.done(
            PrivacyRequest.Kind.RESET, learner_id=learner_id, actor=actor, now=now
        )
        ledger.append(
            actor=actor,
            action="learner.history_deleted" if whole else "learner.reset",
            subject=f"learner:{learner_id}",
            detail={"removed": removed},
            now=now,
        )
    return receipt, removed


def reset_own_tables(learner_id: int) -> int:
    """Delete signals' rows beyond what the contract needs; ask for the rest to be judged anew.

    The work is asked for first: whoever works on this learner just now is waited for, and nobody
    begins to before this is committed, so that nothing is built from what is forgotten.
    """
    run(_ASK, [list(READERS), learner_id])
    own_rows.count_searches_anew(learner_id)
    removed = _delete_events(learner_id, _BEYOND_NEEDED)
    removed += sum(model.objects.filter(learner_id=learner_id).delete()[0] for model in _GONE)
    return removed + _forget_in_courses(learner_id) + _forget_in_modules(learner_id)


def _delete_events(learner_id: int, kinds: list[int]) -> int:
    run(_COUNT_ANEW, [learner_id, sorted(_COUNTED & set(kinds))])
    return Event.objects.filter(learner_id=learner_id, kind__in=kinds).delete()[0]


def _forget_in_courses(learner_id: int) -> int:
    """Forget views and ratings; a course that was looked at alone goes whole."""
    courses = LearnerCourse.objects.filter(learner_id=learner_id)
    removed = courses.exclude(_any(_COURSE_NEEDED)).delete()[0]
    courses.update(
        viewed_at=None,
        rating=None,
        rated_at=None,
        last_at=Greatest(*(F(name) for name in _COURSE_NEEDED)),
    )
    return removed


def _forget_in_modules(learner_id: int) -> int:
    """Forget how far a learner read on; begun, done and scored are results and stay."""
    modules = LearnerModule.objects.filter(learner_id=learner_id)
    removed = modules.exclude(_any(_MODULE_NEEDED)).delete()[0]
    modules.filter(completed_at=None).update(progress=0)
    return removed


def _any(names: tuple[str, ...]) -> Q:
    some = Q()
    for name in names:
        some |= Q(**{f"{name}__isnull": False})
    return some
