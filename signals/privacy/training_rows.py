"""L1: which choices may models learn from? Those of real learners who have not objected."""

from datetime import datetime

import numpy as np
from django.db import connection
from psycopg import Cursor, sql

from signals.data import TrainingRows
from signals.models.statements import raw_connection
from signals.privacy.consent import PERSONALIZATION_SQL

# How sure a touch is to be a choice. A course left again was none; one rated badly is a weak one.
WEIGHTS = {"enrolled": 1.0, "started": 0.6, "viewed": 0.2}
DISLIKED = 2.0  # stars, and below
DISLIKED_SHARE = 0.25

# Weight and moment of the strongest touch; a course left after the last enrolment is no choice.
_ROWS = """
COPY (
    SELECT learner_id, course_id, extract(epoch FROM at)::float8 / 86400 AS days,
           (weight * CASE WHEN rating <= {disliked} THEN {share} ELSE 1 END)::float4
    FROM (
        SELECT h.learner_id, h.course_id, h.rating,
               CASE WHEN enrolled_at IS NOT NULL OR completed_at IS NOT NULL THEN {enrolled}
                    WHEN started_at IS NOT NULL THEN {started} ELSE {viewed} END AS weight,
               coalesce(enrolled_at, completed_at, started_at, viewed_at, last_at) AS at
        FROM signals_learnercourse h
        JOIN signals_learner l USING (learner_id)
        LEFT JOIN signals_consent c USING (learner_id)
        WHERE l.kind = 'real' AND {allowed}
          AND (unenrolled_at IS NULL OR completed_at IS NOT NULL OR unenrolled_at < enrolled_at)
    ) choices
    WHERE {until}
) TO STDOUT (FORMAT BINARY)
"""
_HEADER_BYTES = 19
_TRAILER_BYTES = 2
_RECORD = np.dtype(
    [
        ("fields", ">i2"),
        ("n1", ">i4"),
        ("learner_id", ">i8"),
        ("n2", ">i4"),
        ("course_id", ">i4"),
        ("n3", ">i4"),
        ("days", ">f8"),
        ("n4", ">i4"),
        ("weight", ">f4"),
    ]
)


def training_rows(*, until: datetime | None = None) -> TrainingRows:
    """Return every choice before `until`, sorted by learner, then time."""
    before = sql.SQL("true") if until is None else sql.SQL("at < {}").format(until)
    query = sql.SQL(_ROWS).format(
        disliked=DISLIKED,
        share=DISLIKED_SHARE,
        enrolled=WEIGHTS["enrolled"],
        started=WEIGHTS["started"],
        viewed=WEIGHTS["viewed"],
        allowed=sql.SQL(PERSONALIZATION_SQL),
        until=before,
    )
    with connection.wrap_database_errors:
        cursor = Cursor(raw_connection())
        with cursor.copy(query) as copy:
            stream = b"".join(copy)
    records = np.frombuffer(stream[: len(stream) - _TRAILER_BYTES], _RECORD, offset=_HEADER_BYTES)
    learner_ids = records["learner_id"].astype(np.int64)
    times = records["days"].astype(np.float64)
    course_ids = records["course_id"].astype(np.int32)
    order = np.lexsort((course_ids, times, learner_ids))
    return TrainingRows(
        learner_ids=learner_ids[order],
        course_ids=course_ids[order],
        times=times[order],
        weights=records["weight"].astype(np.float32)[order],
    )
