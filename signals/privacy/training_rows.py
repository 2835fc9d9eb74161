"""L1: which choices may models learn from? Those of real learners who have not objected.

A mandatory course was somebody else's choice, so it is none. What quality gave no weight (robots,
test accounts, courses opened by accident alone) is none either.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection
from psycopg import Cursor, sql

from signals.data import TrainingRows
from signals.models.statements import array_values, raw_connection
from signals.privacy.consent import PERSONALIZATION_SQL
from signals.processing.activity import Group

# How sure a touch is to be a choice. A course left again was none; one rated badly is a weak one.
WEIGHTS = {"enrolled": 1.0, "started": 0.6, "viewed": 0.2}
DISLIKED = 2.0  # stars, and below
DISLIKED_SHARE = 0.25

# Why signals hands up no choice of somebody, in the order in which it is asked.
KEPT_BACK = ("staff_and_tests", "objected", "assigned", "robots", "slips", "left_again")

_LESSONS = Group.LESSON_STARTED | Group.LESSON_DONE | Group.SCORED

# Weight and moment of the strongest touch; a course left after the last enrolment is no choice.
# Arrays of a 64th of the learners each: a message a row would cost more than all the rest.
_ROWS = """
SELECT array_send(array_agg(learner_id)), array_send(array_agg(course_id)),
       array_send(array_agg(at)),
       array_send(array_agg(
           (weight * CASE WHEN rating <= {disliked} THEN {share} ELSE 1 END)::float4))
FROM (
    SELECT h.learner_id, h.course_id, h.rating,
           CASE WHEN enrolled_at IS NOT NULL OR completed_at IS NOT NULL THEN {enrolled}
                WHEN started_at IS NOT NULL THEN {started} ELSE {viewed} END AS weight,
           coalesce(enrolled_at, completed_at, started_at, viewed_at, last_at) AS at
    FROM signals_learnercourse h
    JOIN signals_learner l USING (learner_id)
    LEFT JOIN signals_consent c USING (learner_id)
    WHERE l.kind = 'real' AND NOT mandatory AND {allowed}
      AND NOT EXISTS (SELECT FROM signals_learnerquality q
                      WHERE q.learner_id = h.learner_id AND q.weight = 0)
      AND NOT EXISTS (SELECT FROM signals_doubtfulcourse d
                      WHERE (d.learner_id, d.course_id) = (h.learner_id, h.course_id)
                        AND {explained})
      AND (unenrolled_at IS NULL OR completed_at IS NOT NULL OR unenrolled_at < enrolled_at)
) choices
WHERE {until} GROUP BY learner_id >> 57
"""
# Each row once, by the first of these that is true of it.
_BACK = """
SELECT reason, count(*) FROM (
    SELECT CASE WHEN l.kind <> 'real' THEN 'staff_and_tests'
                WHEN NOT ({allowed}) THEN 'objected'
                WHEN mandatory THEN 'assigned'
                WHEN EXISTS (SELECT FROM signals_learnerquality q
                             WHERE q.learner_id = h.learner_id AND q.weight = 0) THEN 'robots'
                WHEN EXISTS (SELECT FROM signals_doubtfulcourse d
                             WHERE (d.learner_id, d.course_id) = (h.learner_id, h.course_id)
                               AND {explained}) THEN 'slips'
                WHEN NOT (unenrolled_at IS NULL OR completed_at IS NOT NULL
                          OR unenrolled_at < enrolled_at) THEN 'left_again'
                END AS reason
    FROM signals_learnercourse h
    JOIN signals_learner l USING (learner_id)
    LEFT JOIN signals_consent c USING (learner_id)
    WHERE coalesce(enrolled_at, completed_at, started_at, viewed_at, last_at) < %s
) backs WHERE reason IS NOT NULL GROUP BY reason
"""
# Events without weight are all there is to the course: the history counts no more of them, and no
# kind of step that is not among them, as an import or a month since dropped would have left.
_EXPLAINED = f"""(d.events >= h.events
    AND (h.enrolled_at IS NULL OR d.groups & {Group.ENROLLED.value} <> 0)
    AND (h.completed_at IS NULL OR d.groups & {Group.COURSE_DONE.value} <> 0)
    AND (h.started_at IS NULL OR d.groups & {_LESSONS.value} <> 0))"""
_DAYS_TO_2000 = 10_957
_MICROSECONDS_A_DAY = 86_400_000_000


def training_rows(*, until: datetime | None = None) -> TrainingRows:
    """Return every choice before `until`, sorted by learner, then time."""
    with connection.wrap_database_errors:
        stream = Cursor(raw_connection()).stream(_query(until), binary=True)
        buckets = [_bucket(arrays) for arrays in stream]
    # A bucket holds all rows of its learners, whose ids lie between those of two other buckets.
    buckets.sort(key=lambda bucket: int(bucket.learner_ids[0]))
    empty = np.empty(0)
    return TrainingRows(
        learner_ids=np.concatenate([empty.astype(np.int64), *(b.learner_ids for b in buckets)]),
        course_ids=np.concatenate([empty.astype(np.int32), *(b.course_ids for b in buckets)]),
        times=np.concatenate([empty, *(b.times for b in buckets)]),
        weights=np.concatenate([empty.astype(np.float32), *(b.weights for b in buckets)]),
    )


def kept_back(*, until: datetime) -> dict[str, int]:
    """Return how many choices before `until` are no model's to learn from, by why; each once."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK.format(allowed=PERSONALIZATION_SQL, explained=_EXPLAINED), [until])
        found = dict(cursor.fetchall())
    return {reason: int(found.get(reason, 0)) for reason in KEPT_BACK}


def _bucket(arrays: Sequence[bytes]) -> TrainingRows:
    """Return the rows of one message, sorted; as they come they are half as large again."""
    learner_ids, course_ids, times, weights = (
        array_values(array, number)
        for array, number in zip(arrays, (">i8", ">i4", ">i8", ">f4"), strict=True)
    )
    order = np.lexsort((course_ids, times, learner_ids))
    return TrainingRows(
        learner_ids=learner_ids[order].astype(np.int64),
        course_ids=course_ids[order].astype(np.int32),
        times=times[order].astype(np.float64) / _MICROSECONDS_A_DAY + _DAYS_TO_2000,
        weights=weights[order].astype(np.float32),
    )


def _query(until: datetime | None) -> sql.Composed:
    before = sql.SQL("true") if until is None else sql.SQL("at < {}").format(until)
    return sql.SQL(_ROWS).format(
        disliked=DISLIKED,
        share=DISLIKED_SHARE,
        enrolled=WEIGHTS["enrolled"],
        started=WEIGHTS["started"],
        viewed=WEIGHTS["viewed"],
        allowed=sql.SQL(PERSONALIZATION_SQL),
        explained=sql.SQL(_EXPLAINED),
        until=before,
    )
