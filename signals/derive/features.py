"""What is each learner like, in numbers? Rebuilt for those whose events changed (L2 conductor).

Features rest on personalization (tier 1), observations of formats on consent (tier 3): who does
not allow them has none, and a switch turned off deletes them at once (`privacy.duties`).
"""

from datetime import UTC, datetime

from signals.data import Allowed, Derived
from signals.derive.activities import Life, lives
from signals.derive.pending import Reader, catch_up
from signals.models import FormatObservation, LearnerFeature
from signals.privacy import consent
from signals.processing.activity import Mask
from signals.processing.features import features
from signals.processing.formats import FormatCounts, format_counts, preference
from signals.processing.quality import judge

READER = "features"
_LOCK = 0x6665_6174


def derive_features(*, now: datetime) -> int:
    """Rebuild the features of everyone whose events changed; return how many learners."""
    return catch_up(Reader(READER, _LOCK, _rebuild), now=now)


def format_preference(learner_id: int) -> dict[str, float]:
    """Return what was observed of a learner as shares; empty where nothing may be."""
    if not consent.allowed(learner_id).inferred:
        return {}
    rows = FormatObservation.objects.filter(learner_id=learner_id)
    return preference(
        {
            row.format: FormatCounts(
                started=row.started,
                completed=row.completed,
                rewinds=row.rewinds,
                skips=row.skips,
                watched_s=row.watched_s,
                quizzes=row.quizzes,
                quiz_total=row.quiz_total,
            )
            for row in rows
        }
    )


def derived(learner_id: int) -> Derived | None:
    """Return what was computed about a learner, for their own eyes; None where nothing is."""
    row = LearnerFeature.objects.filter(learner_id=learner_id).first()
    if row is None or not consent.allowed(learner_id).personalization:
        return None
    shares = format_preference(learner_id).items()
    return Derived(
        events=row.events,
        active_days=row.active_days,
        sessions=row.sessions,
        courses_completed=row.courses_completed,
        lessons_completed=row.lessons_completed,
        score_mean=row.score_mean,
        first_at=row.first_at,
        last_at=row.last_at,
        formats=tuple(sorted(shares, key=lambda pair: (-pair[1], pair[0]))),
    )


def _rebuild(allowed: dict[int, Allowed], now: datetime) -> None:
    """Replace the rows of these learners by what their events say now."""
    LearnerFeature.objects.filter(learner_id__in=allowed).delete()
    FormatObservation.objects.filter(learner_id__in=allowed).delete()
    wanted = [learner_id for learner_id, switches in allowed.items() if switches.personalization]
    rows: list[LearnerFeature] = []
    observed: list[FormatObservation] = []
    for life in lives(wanted, now=now):
        weights = judge(life.activity, life.around).weights
        found = features(life.activity, weights=weights)
        if found is None:
            continue
        rows.append(
            LearnerFeature(
                learner_id=life.learner_id,
                events=found.events,
                first_at=datetime.fromtimestamp(found.first_at, UTC),
                last_at=datetime.fromtimestamp(found.last_at, UTC),
                active_days=found.active_days,
                sessions=found.sessions,
                session_minutes=found.session_minutes,
                courses_touched=found.courses_touched,
                courses_completed=found.courses_completed,
                lessons_completed=found.lessons_completed,
                score_mean=found.score_mean,
                activity=found.activity,
            )
        )
        if allowed[life.learner_id].inferred:
            observed += _observed(life, weights)
    LearnerFeature.objects.bulk_create(rows)
    FormatObservation.objects.bulk_create(observed)


def _observed(life: Life, weights: Mask) -> list[FormatObservation]:
    counts = format_counts(life.activity, weights=weights, formats=life.around.module_formats)
    return [
        FormatObservation(
            learner_id=life.learner_id,
            format=name,
            started=one.started,
            completed=one.completed,
            rewinds=one.rewinds,
            skips=one.skips,
            watched_s=one.watched_s,
            quizzes=one.quizzes,
            quiz_total=one.quiz_total,
        )
        for name, one in counts.items()
    ]
