"""What was paid in four weeks, and for what the learner came to from a list? (L2 conductor)

Made every night over closed days in UTC, so that pages read a few rows and never events. A payment
for a course counts as coming from a list where the same learner clicked that course in one of our
lists, or enrolled in it from one, within seven days before: the last step we can see, which is
not what caused it. What caused it, only an experiment or the comparison group says.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction

from signals.data import RevenuePart
from signals.kinds.registry import code_of
from signals.models import RevenueWindow

DAYS = 28
FOLLOWED_DAYS = 7
_ENDED = code_of("subscription.ended")
_STARTED = code_of("subscription.started")

_READ = f"""
INSERT INTO signals_revenuewindow (until, part, payments, learners, total)
SELECT %(until)s, paid.part, count(*), count(DISTINCT paid.learner_id), sum(paid.value) FROM (
    SELECT e.learner_id, coalesce(e.value, 0) AS value, CASE
        WHEN e.kind = {_STARTED} THEN '{RevenuePart.STARTED}'
        WHEN e.kind = {_ENDED} THEN '{RevenuePart.ENDED}'
        WHEN e.course_id IS NULL THEN '{RevenuePart.OTHER}'
        WHEN EXISTS (
            SELECT FROM signals_event f
            WHERE f.learner_id = e.learner_id AND f.course_id = e.course_id
              AND f.kind IN ({code_of("rec.clicked")}, {code_of("course.enrolled")})
              AND substr(f.request_id::text, 15, 1) = '8'
              AND f.occurred_at >= e.occurred_at - interval '{FOLLOWED_DAYS + 1} days'
              AND f.occurred_at < e.occurred_at + interval '1 day'
              AND f.corrected_at <= e.corrected_at
              AND f.corrected_at >= e.corrected_at - interval '{FOLLOWED_DAYS} days'
        ) THEN '{RevenuePart.LIST}' ELSE '{RevenuePart.COURSE}' END AS part
    FROM signals_event e
    JOIN signals_learner l ON l.learner_id = e.learner_id AND l.kind = 'real'
    WHERE e.kind IN ({code_of("order.paid")}, {_STARTED}, {_ENDED})
      AND e.occurred_at >= %(since)s - interval '1 day'
      AND e.occurred_at < %(end)s + interval '1 day'
      AND e.corrected_at >= %(since)s AND e.corrected_at < %(end)s
      AND coalesce(e.context->>'currency', %(currency)s) = %(currency)s
) paid GROUP BY paid.part
"""  # noqa: S608  only constants of this product are put in


def count_revenue(*, now: datetime) -> int:
    """Count the four weeks that ended last night and the four before; return how many parts."""
    today = now.astimezone(UTC).date()
    return sum(_count(today - timedelta(days=back)) for back in (0, DAYS))


def _count(until: date) -> int:
    end = datetime.combine(until, time(), tzinfo=UTC)
    given: dict[str, date | datetime | str] = {
        "until": until,
        "since": end - timedelta(days=DAYS),
        "end": end,
        "currency": settings.CURRENCY,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        RevenueWindow.objects.filter(until=until).delete()
        cursor.execute(_READ, given)
        return int(cursor.rowcount)
