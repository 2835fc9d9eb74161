"""L1: which choices may models learn from? Those of real learners who have not objected.

A mandatory course was somebody else's choice, so it is none. What quality gave no weight (robots,
test accounts, courses opened by accident alone) is none either.
"""

from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
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
# One part of the table after the other, as it lies there: nothing is sorted or joined by the disk,
# and a message a row would cost more than all the rest. One statement, so one moment of the data.
_PART = """
SELECT array_send(array_agg(learner_id) FILTER (WHERE why = 0)),
       array_send(array_agg(course_id) FILTER (WHERE why = 0)),
       array_send(array_agg(at) FILTER (WHERE why = 0)),
       array_send(array_agg(weight) FILTER (WHERE why = 0)),
       {counts}
FROM (
    SELECT h.learner_id, h.course_id, m.at,
           (CASE WHEN enrolled_at IS NOT NULL OR completed_at IS NOT NULL THEN {enrolled}
                 WHEN started_at IS NOT NULL THEN {started} ELSE {viewed} END
            * CASE WHEN rating <= {disliked} THEN {share} ELSE 1 END)::float4 AS weight,
           CASE WHEN l.kind <> 'real' THEN 1
                WHEN NOT ({allowed}) THEN 2
                WHEN mandatory THEN 3
                WHEN q.weight = 0 THEN 4
                WHEN {explained} THEN 5
                WHEN NOT (unenrolled_at IS NULL OR completed_at IS NOT NULL
                          OR unenrolled_at < enrolled_at) THEN 6
                ELSE 0 END AS why
    FROM signals_learnercourse h
    JOIN signals_learner l USING (learner_id)
    LEFT JOIN signals_consent c USING (learner_id)
    LEFT JOIN signals_learnerquality q USING (learner_id)
    LEFT JOIN signals_doubtfulcourse d
        ON (d.learner_id, d.course_id) = (h.learner_id, h.course_id)
    CROSS JOIN LATERAL (SELECT coalesce(
        enrolled_at, completed_at, started_at, viewed_at, h.last_at) AS at) m
    WHERE {place} AND {until}
) choices
"""
# Events without weight are all there is to the course: the history counts no more of them, and no
# kind of step that is not among them, as an import or a month since dropped would have left.
_EXPLAINED = f"""(d.learner_id IS NOT NULL AND d.events >= h.events
    AND (h.enrolled_at IS NULL OR d.groups & {Group.ENROLLED.value} <> 0)
    AND (h.completed_at IS NULL OR d.groups & {Group.COURSE_DONE.value} <> 0)
    AND (h.started_at IS NULL OR d.groups & {_LESSONS.value} <> 0))"""
_DAYS_TO_2000 = 10_957
_MICROSECONDS_A_DAY = 86_400_000_000


PAGES_A_PART = 25_000  # of the table, some two million choices
_KINDS = ("i8", "i4", "i8", "f4")
_BUCKETS = 57  # learners of the same highest bits are sorted together


def training_rows(*, until: datetime | None = None) -> TrainingRows:
    """Return every choice before `until`, sorted by learner, then time, and what is kept back."""
    with connection.wrap_database_errors:
        stream = Cursor(raw_connection()).stream(_query(until), binary=True)
        parts, kept_back = [], np.zeros(len(KEPT_BACK), np.int64)
        for *arrays, counts in stream:
            parts.append(
                [
                    array_values(array, f">{kind}").astype(kind)
                    for array, kind in zip(arrays, _KINDS, strict=True)
                ]
            )
            kept_back += counts
    learner_ids, course_ids, times, weights = _sorted(parts)
    return TrainingRows(
        learner_ids=learner_ids,
        course_ids=course_ids,
        times=times / _MICROSECONDS_A_DAY + _DAYS_TO_2000,
        weights=weights,
        kept_back=dict(zip(KEPT_BACK, kept_back.tolist(), strict=True)),
    )


def _sorted(parts: list[list[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return the columns of all parts by learner, then time; nothing is there twice for long."""
    columns = [np.concatenate([part[at] for part in parts]) for at in range(len(_KINDS))]
    parts.clear()
    learner_ids, course_ids, times, _ = columns
    buckets = (learner_ids >> _BUCKETS).astype(np.int8)
    order = np.argsort(buckets, kind="stable")
    edges = np.flatnonzero(np.diff(buckets[order])) + 1
    # Views: each bucket is put in order where it stands.
    for rows in np.split(order, edges):
        rows[:] = rows[np.lexsort((course_ids[rows], times[rows], learner_ids[rows]))]
    del learner_ids, course_ids, times
    for at, column in enumerate(columns):
        columns[at] = column[order]
    return columns


def _query(until: datetime | None) -> sql.Composed:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size('signals_learnercourse') / current_setting('block_size')::int"
        )
        (pages,) = cursor.fetchone()
    starts = range(0, max(pages, 1), PAGES_A_PART)
    # Whatever is added meanwhile lies behind the last page, so the last part has no end.
    places = [
        sql.SQL("h.ctid >= {}::tid").format(f"({start},0)")
        if start == starts[-1]
        else sql.SQL("h.ctid >= {}::tid AND h.ctid < {}::tid").format(
            f"({start},0)", f"({start + PAGES_A_PART},0)"
        )
        for start in starts
    ]
    return sql.SQL(" UNION ALL ").join([_part(place, until) for place in places])


def _part(place: sql.Composed, until: datetime | None) -> sql.Composed:
    before = sql.SQL("true") if until is None else sql.SQL("m.at < {}").format(until)
    counts = sql.SQL(", ").join(
        sql.SQL("count(*) FILTER (WHERE why = {})").format(number)
        for number in range(1, len(KEPT_BACK) + 1)
    )
    return sql.SQL(_PART).format(
        counts=sql.SQL("ARRAY[{}]").format(counts),
        disliked=DISLIKED,
        share=DISLIKED_SHARE,
        enrolled=WEIGHTS["enrolled"],
        started=WEIGHTS["started"],
        viewed=WEIGHTS["viewed"],
        allowed=sql.SQL(PERSONALIZATION_SQL),
        explained=sql.SQL(_EXPLAINED),
        place=place,
        until=before,
    )
