"""A made-up experiment of any size: who was exposed when, and what everybody did around it.

Made by PostgreSQL itself, since millions of events are to be there and nothing about them is read:
only how many there are of each kind, and when.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from signals.kinds.registry import code_of

KEY = "measured"
SURFACE = 1
EVENTS = 20  # a learner, on average
EXPOSED_OVER_DAYS = 28
LAST_EXPOSED_DAYS = 30  # ago: most windows have passed
AROUND_DAYS = 30  # before and after the exposure

# How many of a hundred events are of each kind: lists and lessons most of all, orders seldom.
SHARES = {
    "rec.shown": 30,
    "rec.clicked": 12,
    "rec.dismissed": 2,
    "course.viewed": 14,
    "course.enrolled": 6,
    "course.completed": 2,
    "lesson.started": 12,
    "lesson.completed": 12,
    "quiz.scored": 6,
    "course.rated": 2,
    "order.paid": 2,
}

_LEARNERS = """
INSERT INTO signals_learner (learner_id, kind, age_band, language, created_at)
SELECT (n::bigint * 7919 + 13) * 104729 %% 1099511627689 + 1, 'real', '',
    CASE WHEN n %% 3 = 0 THEN 'de' ELSE 'en' END, %(now)s
FROM generate_series(1, %(learners)s) n
"""
_EXPOSED = """
INSERT INTO signals_exposure (experiment, learner_id, arm, exposed_at)
SELECT %(key)s, learner_id, CASE WHEN random() < 0.5 THEN 'generic' ELSE 'model' END,
    %(now)s - (%(last)s + random() * %(over)s) * interval '1 day'
FROM signals_learner
"""
# One day after the other, as events come in: a learner's lie far apart in the table.
_EVENTS = """
INSERT INTO signals_event (occurred_at, corrected_at, received_at, source_id, id, learner_id, kind,
    course_id, module_id, value, request_id)
SELECT at, at, at, 1, gen_random_uuid(), learner_id, kind,
    CASE WHEN kind = %(paid)s THEN NULL ELSE (random() * 5000)::int + 1 END,
    CASE WHEN kind = ANY(%(lessons)s) THEN (random() * 50000)::int + 1 END,
    CASE WHEN kind = %(paid)s THEN exp(3 + 1.2 * (random() + random() + random() - 1.5) * 2)
         WHEN kind = %(rated)s THEN 1 + floor(random() * 5)
         WHEN kind = %(scored)s THEN random() END,
    CASE WHEN kind = ANY(%(lists)s)
         THEN overlay(gen_random_uuid()::text PLACING %(listed)s FROM 15 FOR 3)::uuid END
FROM (
    SELECT x.learner_id, x.exposed_at + (random() * 2 - 1) * %(around)s * interval '1 day' AS at,
        (%(codes)s::int[])[1 + floor(random() * 100)::int] AS kind
    FROM signals_exposure x, generate_series(1, x.learner_id %% (2 * %(events)s + 1))
) drawn ORDER BY at
"""


def store(learners: int, *, now: datetime) -> int:
    """Store learners, their exposures and about EVENTS a learner; return how many events."""
    codes = [code_of(kind) for kind, share in SHARES.items() for _ in range(share)]
    given: dict[str, Any] = {
        "now": now,
        "learners": learners,
        "key": KEY,
        "last": LAST_EXPOSED_DAYS,
        "over": EXPOSED_OVER_DAYS,
        "around": AROUND_DAYS,
        "events": EVENTS,
        "codes": codes,
        "paid": code_of("order.paid"),
        "rated": code_of("course.rated"),
        "scored": code_of("quiz.scored"),
        "lessons": [code_of("lesson.started"), code_of("lesson.completed")],
        "lists": [code_of(f"rec.{what}") for what in ("shown", "clicked", "dismissed")]
        + [code_of("course.enrolled")],
        "listed": f"8{SURFACE:02x}",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.7)")
        for statement in (_LEARNERS, _EXPOSED, _EVENTS):
            cursor.execute(statement, given)
        stored = int(cursor.rowcount)
        cursor.execute("VACUUM ANALYZE")
    return stored
