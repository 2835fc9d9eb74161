"""How much happened? Adds new events to the five-minute rollups (L2 conductor).

Reads by transaction number, not by time: everything below the oldest transaction still open is
committed and complete, so an event is counted once however late its transaction ends. A step is of
corrected time: a sender's clock that is an hour off moves nothing. Only real learners count, as in
the read-outs of experiments.
"""

from datetime import datetime

from django.db import connection, transaction

from signals.derive import mixes
from signals.derive.mixes import OF_LIST
from signals.models import Watermark

READER = "rollups"
_LOCK = 0x6E77_726F  # one reader at a time; a second one returns at once

_ADD = f"""
INSERT INTO signals_rollup AS r (step_at, kind, surface, arm, count, total, squares)
SELECT date_bin('5 minutes', e.corrected_at, '2000-01-01 00:00+00'), e.kind,
       coalesce(s.surface, 0), coalesce(s.arm, 0),
       count(*), coalesce(sum(e.value), 0), coalesce(sum(e.value * e.value), 0)
FROM signals_event e
JOIN signals_learner l ON l.learner_id = e.learner_id AND l.kind = 'real'
LEFT JOIN LATERAL ({OF_LIST}) s ON e.request_id IS NOT NULL
WHERE e.tx >= %s AND e.tx < %s
GROUP BY 1, 2, 3, 4
ON CONFLICT (step_at, kind, surface, arm) DO UPDATE SET
    count = r.count + excluded.count,
    total = r.total + excluded.total,
    squares = r.squares + excluded.squares
"""  # noqa: S608  only a constant of this product is put in

_SEEN = """
INSERT INTO signals_sourceseen AS s (source_id, last_at)
SELECT source_id, max(received_at) FROM signals_event WHERE tx >= %s AND tx < %s GROUP BY 1
ON CONFLICT (source_id) DO UPDATE SET last_at = greatest(s.last_at, excluded.last_at)
"""


def roll_up(*, now: datetime) -> int:
    """Count every event committed since the last call; return the number of rollup rows touched.

    Returns 0 when another process is at it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        mark, _ = Watermark.objects.get_or_create(reader=READER, defaults={"read_at": now})
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
        cursor.execute(_ADD, [mark.tx, horizon])
        touched: int = cursor.rowcount
        mixes.add(cursor, mark.tx, horizon)
        cursor.execute(_SEEN, [mark.tx, horizon])
        mark.tx, mark.read_at = horizon, now
        mark.save(update_fields=["tx", "read_at"])
    return touched
