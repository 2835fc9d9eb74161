"""L1: how do a million imported rows reach the tables? Binary COPY and one statement a part."""

from dataclasses import dataclass

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

from signals.capture.contract import EPOCH, FLAG_BACKFILL, MICROSECOND
from signals.capture.rows import HEADER, TRAILER
from signals.data import Tier
from signals.kinds.kind import Kind
from signals.models.statements import raw_connection
from signals.privacy.consent import FORGOTTEN_NEEDED_SQL, FORGOTTEN_SQL, PERSONALIZATION_SQL
from signals.privacy.gate import STORING

_EPOCH_2000 = (EPOCH.replace(year=2000) - EPOCH) // MICROSECOND  # PostgreSQL counts from 2000


@dataclass(frozen=True, slots=True)
class Batch:
    """Who took which course when; parallel arrays, times in microseconds since 1970."""

    learner_ids: NDArray[np.int64]
    course_ids: NDArray[np.int32]
    times: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rows mean and where they come from."""

    source_id: int
    kind: Kind
    column: str  # of the history
    timed: bool
    events_from: int | None  # microseconds since 1970; None: no events at all
    received: int


_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS import_row (
    learner_id bigint, course_id integer, at timestamptz
) ON COMMIT DELETE ROWS
"""
_RECORD = np.dtype(
    [
        ("fields", ">i2"),
        ("n1", ">i4"),
        ("learner_id", ">i8"),
        ("n2", ">i4"),
        ("course_id", ">i4"),
        ("n3", ">i4"),
        ("at", ">i8"),
    ]
)

# A row that an objection forbids (tier 1) is left out; what the contract needs is kept.
_ALLOWED = """
    FROM import_row r JOIN signals_learner l USING (learner_id)
    LEFT JOIN signals_consent c USING (learner_id) WHERE {allowed} AND NOT {forgotten}
"""
_MERGE = """
WITH merged AS (
    INSERT INTO signals_learnercourse AS h
        (learner_id, course_id, {column}, last_at, mandatory, events)
    SELECT learner_id, course_id, {pick}(at), max(at), false, count(*) {rows}
    GROUP BY learner_id, course_id ORDER BY learner_id, course_id
    ON CONFLICT (learner_id, course_id) DO {resolve}
    RETURNING (xmax = 0) AS fresh
)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM merged
"""
_NEWER = """UPDATE SET
    {column} = {better}(h.{column}, excluded.{column}),
    last_at = greatest(h.last_at, excluded.last_at)
    WHERE h.{column} IS DISTINCT FROM {better}(h.{column}, excluded.{column})
       OR h.last_at < excluded.last_at"""
_STAY = "NOTHING"
# The id is made from what the row says, so that a second import meets the first.
_EVENTS = """
INSERT INTO signals_event (occurred_at, source_id, id, corrected_at, received_at, learner_id,
                           course_id, kind, flags)
SELECT at, {source}, encode(substr(sha256(concat_ws(':', {source}, {kind}, learner_id, course_id,
       extract(epoch FROM at))::bytea), 1, 16), 'hex')::uuid AS id, at, {received}, learner_id,
       course_id, {kind}, {flags} {rows}
  AND r.at >= {since}
ORDER BY at, id ON CONFLICT DO NOTHING
"""


def pairs(batch: Batch) -> int:
    """Return how many different learners and courses go together in a batch."""
    if not len(batch.times):
        return 0
    order = np.lexsort((batch.course_ids, batch.learner_ids))
    learners, courses = batch.learner_ids[order], batch.course_ids[order]
    return int(((np.diff(learners) != 0) | (np.diff(courses) != 0)).sum()) + 1


def merge(batch: Batch, plan: Plan) -> tuple[int, int]:
    """Copy a part and merge it into the history; return rows made and rows changed."""
    first = plan.column == "completed_at"
    column = sql.Identifier(plan.column)
    better = sql.SQL("least" if first else "greatest")
    resolve = sql.SQL(_NEWER).format(column=column, better=better) if plan.timed else sql.SQL(_STAY)
    statement = sql.SQL(_MERGE).format(
        column=column,
        pick=sql.SQL("min" if first else "max"),
        rows=_rows_of(plan),
        resolve=resolve,
    )
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(raw_connection())
        cursor.execute(_TABLE)
        cursor.execute(STORING)
        cursor.execute("DELETE FROM import_row")
        with cursor.copy("COPY import_row FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_body(batch))
        made, changed = cursor.execute(statement).fetchone() or (0, 0)
    return made, changed


def add_events(batch: Batch, plan: Plan) -> int:
    """Store the events of the part that was just merged; return how many are new."""
    if plan.events_from is None or not (batch.times >= plan.events_from).any():
        return 0
    statement = sql.SQL(_EVENTS).format(
        source=plan.source_id,
        received=_moment(plan.received),
        kind=plan.kind.code,
        flags=FLAG_BACKFILL,
        rows=_rows_of(plan),
        since=_moment(plan.events_from),
    )
    with connection.wrap_database_errors:
        return psycopg.Cursor(raw_connection()).execute(statement).rowcount


def _rows_of(plan: Plan) -> sql.Composed:
    needed = plan.kind.tier is Tier.NEEDED
    allowed = sql.SQL("true") if needed else sql.SQL(PERSONALIZATION_SQL)
    forgotten = sql.SQL(FORGOTTEN_NEEDED_SQL if needed else FORGOTTEN_SQL).format(
        at=sql.SQL("r.at")
    )
    return sql.SQL(_ALLOWED).format(allowed=allowed, forgotten=forgotten)


def _moment(at: int) -> sql.Literal:
    return sql.Literal(EPOCH + at * MICROSECOND)


def _body(batch: Batch) -> bytes:
    records = np.empty(len(batch.times), _RECORD)
    records["fields"], records["n1"], records["n2"], records["n3"] = 3, 8, 4, 8
    records["learner_id"], records["course_id"] = batch.learner_ids, batch.course_ids
    records["at"] = batch.times - _EPOCH_2000
    return HEADER + records.tobytes() + TRAILER
