"""How long is what learners did and wrote kept? (L1) Thirteen months, then it is gone."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.sessions.models import Session

from signals.models import (
    Exposure,
    FormatObservation,
    ForumPost,
    LearnerFeature,
    LearnerSession,
    QualityFinding,
    QualityMonth,
    SearchQuery,
    SourceDay,
)

DERIVED_MONTHS = 24  # features, sessions, and the counts of the audit
RAW_MONTHS = 13  # events, searches and posts; 24 is the most the design allows


def purge_texts(*, before: datetime) -> int:
    """Delete searches and posts older than `before`; return how many."""
    searches = SearchQuery.objects.filter(searched_at__lt=before).delete()[0]
    return searches + ForumPost.objects.filter(posted_at__lt=before).delete()[0]


def purge_derived(*, before: datetime, findings_before: datetime) -> int:
    """Delete what was derived and not touched since `before`, and older findings; return how many.

    Observations of formats go with their learner's features.
    """
    idle = LearnerFeature.objects.filter(last_at__lt=before).values_list("learner_id", flat=True)
    FormatObservation.objects.filter(learner_id__in=idle).delete()
    gone = (
        LearnerFeature.objects.filter(last_at__lt=before),
        LearnerSession.objects.filter(ended_at__lt=before),
        QualityMonth.objects.filter(month__lt=before.date()),
        SourceDay.objects.filter(day__lt=before.date()),
        QualityFinding.objects.filter(day__lt=findings_before.date()),
    )
    return sum(rows.delete()[0] for rows in gone)


def purge_measured(*, before: datetime) -> int:
    """Forget what experiments measured of who was exposed before; return of how many exposures.

    The events it was counted from are gone or about to go.
    """
    ready = Exposure.objects.filter(exposed_at__lt=before, measured_form__isnull=False)
    return ready.update(**Exposure.UNMEASURED)


def purge_sessions(now: datetime) -> int:
    """Delete sessions that are over; Django leaves their rows. Return how many."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


def purge_attempts(now: datetime) -> int:
    """Delete failed sign-ins that count no more; axes waits for somebody's next one."""
    over = now - timedelta(hours=settings.AXES_COOLOFF_TIME)
    return sum(
        rows.objects.filter(attempt_time__lt=over).delete()[0]
        for rows in (AccessAttempt, AccessFailureLog)
    )
