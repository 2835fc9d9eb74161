"""What is it that arrives? Counts new events by what they are made of, in five-minute steps (L2).

A step is of the moment an event was received: a phone that was away for an evening counts in the
step in which it came back, this week as in the weeks it is compared with. What was received more
than a day after it happened is no traffic of now (a history that is sent, a repaired sender) and
is not counted. Only real learners count, and no robots.
"""

from datetime import datetime, timedelta

import numpy as np
from django.db.backends.utils import CursorWrapper

from signals.data import Mix, MixPart
from signals.derive.cohorts import UNKNOWN
from signals.kinds.registry import KINDS, code_of
from signals.models import MixStep
from signals.models.statements import run
from signals.processing.activity import FLAG_CRAWLER

KEPT_DAYS = 43  # six weeks and a day: what drift is judged by
LATE = "1 day"

# The layout of signals/request_ids.py: digits 14-15 are the surface, 16 the arm.
OF_LIST = """
SELECT ('x' || substr(h, 14, 2))::bit(8)::int AS surface,
       ('x' || substr(h, 16, 1))::bit(4)::int AS arm
FROM (SELECT replace(e.request_id::text, '-', '') AS h) d
WHERE substr(h, 13, 1) = '8'
"""

_ADD = f"""
WITH cell AS (
    SELECT date_bin('5 minutes', e.received_at, '2000-01-01 00:00+00') AS step_at, e.kind,
           CASE WHEN e.kind = {code_of("rec.shown")} THEN s.surface END AS surface,
           coalesce(nullif(l.language, ''), spoken."group", '{UNKNOWN}') AS language,
           coalesce(used."group", '{UNKNOWN}') AS device,
           nullif(c.field, '') AS field, count(*) AS n
    FROM signals_event e
    JOIN signals_learner l ON l.learner_id = e.learner_id AND l.kind = 'real'
    LEFT JOIN signals_membership spoken
      ON spoken.learner_id = e.learner_id AND spoken.kind = 'language'
    LEFT JOIN signals_membership used
      ON used.learner_id = e.learner_id AND used.kind = 'device'
    LEFT JOIN signals_course c ON c.id = e.course_id
    LEFT JOIN LATERAL ({OF_LIST}) s ON e.request_id IS NOT NULL
    WHERE e.tx >= %s AND e.tx < %s AND e.received_at < e.corrected_at + interval '{LATE}'
      AND e.flags & {FLAG_CRAWLER} = 0
    GROUP BY 1, 2, 3, 4, 5, 6
)
INSERT INTO signals_mixstep AS m (step_at, mix, part, count)
SELECT cell.step_at, made.mix, made.part, sum(cell.n)
FROM cell CROSS JOIN LATERAL (VALUES
    ('{Mix.KIND}', cell.kind::text), ('{Mix.SURFACE}', cell.surface::text),
    ('{Mix.LANGUAGE}', cell.language), ('{Mix.DEVICE}', cell.device), ('{Mix.FIELD}', cell.field)
) AS made (mix, part)
WHERE made.part IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT (step_at, mix, part) DO UPDATE SET count = m.count + excluded.count
"""  # noqa: S608  only constants of this product are put in

_READ = """
SELECT mix, part,
       array_agg((extract(epoch FROM step_at) / 300)::bigint ORDER BY step_at)::bigint[],
       array_agg(count ORDER BY step_at)::bigint[]
FROM signals_mixstep WHERE step_at >= %(since)s AND step_at < %(until)s
GROUP BY mix, part ORDER BY mix, part
"""

_NAMES = {str(kind.code): name for name, kind in KINDS.items()}


def add(cursor: CursorWrapper, first: int, horizon: int) -> None:
    """Count the events of transactions from `first` to before `horizon`."""
    cursor.execute(_ADD, [first, horizon])


def arrived(*, since: datetime, until: datetime) -> list[MixPart]:
    """Return what arrived in the steps that began in that time, by mix and part."""
    rows = run(_READ, {"since": since, "until": until})
    return [
        MixPart(
            mix=Mix(mix),
            part=_NAMES.get(part, part) if mix == Mix.KIND else part,
            steps=np.asarray(steps, np.int64),
            counts=np.asarray(counts, np.int64),
        )
        for mix, part, steps, counts in rows
    ]


def purge(*, now: datetime) -> int:
    """Delete steps nothing is compared with any more; return how many rows."""
    return MixStep.objects.filter(step_at__lt=now - timedelta(days=KEPT_DAYS)).delete()[0]
