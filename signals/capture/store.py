"""L1: how do events reach their tables? One COPY, one statement: consent, dedupe, history, texts.

The statement reads consent in the transaction that stores the event, so a switch that is off when
the transaction begins is honoured. Keys are inserted in order and before the histories, these in
order as well, so two writers never deadlock over the same events.

There are two of it. Most events are new, and looking for each of them first costs a quarter of the
work; so the first try inserts as if all were, and PostgreSQL refuses the whole where one is not.
Then the second looks, passes over what is there, and says which it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import psycopg
from django.db import connection

from signals.capture.rows import COLUMNS, Row, copy_body
from signals.data import Tier
from signals.kinds.kind import Mark, Text
from signals.kinds.registry import KINDS
from signals.models.statements import raw_connection
from signals.privacy.consent import (
    FINE_GRAINED_SQL,
    FORGOTTEN_NEEDED_SQL,
    FORGOTTEN_SQL,
    INFERRED_SQL,
    PERSONALIZATION_SQL,
)
from signals.privacy.gate import STORING

COURSE_MARKS = 0xFF
MODULE_MARKS = 0xF00

_EVENT = (
    "occurred_at, source_id, id, corrected_at, received_at, learner_id, session, value,"
    " request_id, course_id, module_id, kind, flags, context"
)

_FORGOTTEN = (
    f"CASE WHEN r.tier = {Tier.NEEDED.value} THEN {FORGOTTEN_NEEDED_SQL} ELSE {FORGOTTEN_SQL} END"
).format(at="r.corrected_at")


def _marked(mark: Mark) -> str:
    return f"FILTER (WHERE marks & {mark.value} <> 0)"


def _codes(text: Text) -> str:
    codes = [str(kind.code) for kind in KINDS.values() if kind.text is text]
    return ", ".join(codes) or "-1"


# ruff: noqa: S608  the statement is put together from the constants of this product alone
def _statement(*, looking: bool) -> str:
    stored = "ON CONFLICT DO NOTHING RETURNING occurred_at, source_id, id"
    fresh = "JOIN stored USING (occurred_at, source_id, id)"
    if not looking:
        # Nothing is asked of what was stored but that it is: PostgreSQL puts off a part nobody
        # reads, and histories held before keys deadlock with a writer that looks.
        stored, fresh = "RETURNING 1", "WHERE allowed AND (SELECT count(*) FROM stored) >= 0"
    return f"""
WITH judged AS MATERIALIZED (
    SELECT r.*, (l.learner_id IS NOT NULL AND CASE r.tier
        WHEN {Tier.NEEDED.value} THEN true
        WHEN {Tier.PERSONALIZATION.value} THEN {PERSONALIZATION_SQL}
        WHEN {Tier.FINE_GRAINED.value} THEN {FINE_GRAINED_SQL}
        ELSE {INFERRED_SQL} END) IS TRUE AND NOT {_FORGOTTEN} AS allowed
    FROM capture_row r
    -- OFFSET 0: one index look-up a row, whatever the planner thinks of a table without statistics
    LEFT JOIN LATERAL (SELECT x.* FROM signals_learner x
        WHERE x.learner_id = r.learner_id OFFSET 0) l ON true
    LEFT JOIN LATERAL (SELECT x.* FROM signals_consent x
        WHERE x.learner_id = r.learner_id OFFSET 0) c ON true
), stored AS (
    INSERT INTO signals_event ({_EVENT})
    SELECT {_EVENT} FROM judged WHERE allowed ORDER BY occurred_at, source_id, id
    {stored}
), fresh AS MATERIALIZED (
    SELECT judged.* FROM judged {fresh}
), courses AS (
    INSERT INTO signals_learnercourse AS h (learner_id, course_id, viewed_at, enrolled_at,
        unenrolled_at, completed_at, started_at, last_at, rating, rated_at, mandatory, events)
    SELECT learner_id, course_id,
        max(corrected_at) {_marked(Mark.VIEWED)},
        max(corrected_at) {_marked(Mark.ENROLLED)},
        max(corrected_at) {_marked(Mark.UNENROLLED)},
        min(corrected_at) {_marked(Mark.COMPLETED)},
        min(corrected_at) {_marked(Mark.STARTED)},
        max(corrected_at),
        (array_agg(value ORDER BY corrected_at DESC, value DESC) {_marked(Mark.RATED)})[1],
        max(corrected_at) {_marked(Mark.RATED)},
        bool_or(marks & {Mark.MANDATORY.value} <> 0),
        count(*)
    FROM fresh WHERE marks & {COURSE_MARKS} <> 0 AND course_id IS NOT NULL
    GROUP BY learner_id, course_id ORDER BY learner_id, course_id
    ON CONFLICT (learner_id, course_id) DO UPDATE SET
        viewed_at = greatest(h.viewed_at, excluded.viewed_at),
        enrolled_at = greatest(h.enrolled_at, excluded.enrolled_at),
        unenrolled_at = greatest(h.unenrolled_at, excluded.unenrolled_at),
        completed_at = least(h.completed_at, excluded.completed_at),
        started_at = least(h.started_at, excluded.started_at),
        last_at = greatest(h.last_at, excluded.last_at),
        rating = CASE WHEN h.rated_at IS NULL
            OR (excluded.rated_at, excluded.rating) > (h.rated_at, h.rating)
            THEN excluded.rating ELSE h.rating END,
        rated_at = greatest(h.rated_at, excluded.rated_at),
        mandatory = h.mandatory OR excluded.mandatory,
        events = h.events + excluded.events
), modules AS (
    INSERT INTO signals_learnermodule AS h (learner_id, module_id, course_id, started_at,
        completed_at, progress, score, last_at)
    SELECT learner_id, module_id, min(course_id),
        min(corrected_at) {_marked(Mark.MODULE_STARTED)},
        min(corrected_at) {_marked(Mark.MODULE_COMPLETED)},
        coalesce(max(CASE WHEN marks & {Mark.MODULE_COMPLETED.value} <> 0 THEN 1
            WHEN marks & {Mark.MODULE_PROGRESS.value} <> 0 THEN value END), 0),
        max(value) {_marked(Mark.MODULE_SCORE)},
        max(corrected_at)
    FROM fresh WHERE marks & {MODULE_MARKS} <> 0 AND module_id IS NOT NULL
    GROUP BY learner_id, module_id ORDER BY learner_id, module_id
    ON CONFLICT (learner_id, module_id) DO UPDATE SET
        started_at = least(h.started_at, excluded.started_at),
        completed_at = least(h.completed_at, excluded.completed_at),
        progress = greatest(h.progress, excluded.progress),
        score = greatest(h.score, excluded.score),
        last_at = greatest(h.last_at, excluded.last_at)
), searches AS (
    INSERT INTO signals_searchquery (learner_id, searched_at, results, source_id, sealed)
    SELECT learner_id, corrected_at, coalesce(value, 0)::int, source_id, sealed
    FROM fresh WHERE sealed IS NOT NULL AND kind IN ({_codes(Text.SEARCH)})
), posts AS (
    INSERT INTO signals_forumpost (learner_id, course_id, posted_at, sealed, reply)
    SELECT learner_id, course_id, corrected_at, sealed, marks & {Mark.REPLY.value} <> 0
    FROM fresh WHERE sealed IS NOT NULL AND kind IN ({_codes(Text.FORUM)})
)
SELECT seq, allowed FROM judged WHERE seq NOT IN (SELECT seq FROM fresh)
"""


_TABLE = "CREATE TEMPORARY TABLE IF NOT EXISTS capture_row ({}) ON COMMIT DELETE ROWS".format(
    ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
)
_COPY = "COPY capture_row FROM STDIN (FORMAT BINARY)"
_STORE_NEW = _statement(looking=False).encode()
_STORE_LOOKING = _statement(looking=True).encode()

_ready: "WeakSet[psycopg.Connection[Any]]" = WeakSet()


@dataclass(frozen=True, slots=True)
class Left:
    """Rows that were not stored, by their place in what was given."""

    duplicates: list[int]
    dropped: list[int]


def make_session_ready() -> None:
    """Make the table of this session, before a transaction that could take it back again."""
    with connection.wrap_database_errors:
        raw = raw_connection()
        if raw not in _ready:
            raw.execute(_TABLE)
            _ready.add(raw)


def forget_session() -> None:
    """Make the table anew next time: this session may have lost it."""
    raw = connection.connection
    if raw is not None:
        _ready.discard(raw)


def store(rows: Sequence[Row], *, within: bool, looking: bool = True) -> Left:
    """Store rows inside a transaction; say which were there already or not allowed.

    `within` a larger one rows of an earlier call may lie in the session's table still. Without
    `looking` every row is taken for new, and IntegrityError says that one is not.

    Raises django.db.Error, with nothing stored, when PostgreSQL refuses any of them.
    """
    left = Left([], [])
    if not rows:
        return left
    with connection.wrap_database_errors:
        raw = raw_connection()
        cursor = psycopg.Cursor(raw)
        if within:
            cursor.execute(_TABLE)
            cursor.execute("DELETE FROM capture_row")
        cursor.execute(STORING)
        with cursor.copy(_COPY) as copy:
            copy.write(copy_body(rows))
        cursor.execute(_STORE_LOOKING if looking else _STORE_NEW, prepare=True, binary=True)
        for seq, allowed in cursor:
            (left.duplicates if allowed else left.dropped).append(seq)
    return left
