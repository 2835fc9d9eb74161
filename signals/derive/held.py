"""Is what is past its retention gone? The oldest of each kind of data against its limit (L2).

The nightly job lets go of it, so a day more is no alarm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import sql

from signals.data import Held, RetentionState
from signals.derive import partitions
from signals.derive.partitions import DEFAULT, PARENT, month_start
from signals.derive.quality import FINDINGS_DAYS
from signals.models import (
    Document,
    Event,
    ForumPost,
    LearnerFeature,
    LearnerSession,
    PrivacyRequest,
    QualityFinding,
    Quarantine,
    SearchQuery,
    Statement,
)
from signals.models.statements import run
from signals.privacy.requests import KEPT
from signals.privacy.retention import DERIVED_MONTHS, RAW_MONTHS
from signals.sealing import DAY_KEY_DAYS

NIGHT = timedelta(days=1)  # the job that lets go runs once in one


@dataclass(frozen=True, slots=True)
class _Kind:
    what: str
    model: Any
    column: str
    retention: str
    not_before: Callable[[datetime], datetime]
    order: str = ""  # where the column itself has no index: one that grows with it


def _by_month(count: int) -> Callable[[datetime], datetime]:
    return lambda now: month_start(now - NIGHT, -count)


def _days(count: int) -> Callable[[datetime], datetime]:
    return lambda now: now - timedelta(days=count + 1) - NIGHT


_RAW, _DERIVED = f"{RAW_MONTHS} months", f"{DERIVED_MONTHS} months"
_EVENTS = _Kind("Events", Event, "occurred_at", _RAW, _by_month(RAW_MONTHS))
_KINDS = (
    _EVENTS,
    _Kind("Searches", SearchQuery, "searched_at", _RAW, _by_month(RAW_MONTHS)),
    _Kind("Forum posts", ForumPost, "posted_at", _RAW, _by_month(RAW_MONTHS)),
    _Kind("Whole statements", Statement, "stored_at", _RAW, _by_month(RAW_MONTHS), order="seq"),
    _Kind("Documents", Document, "updated_at", _RAW, _by_month(RAW_MONTHS)),
    _Kind("Sessions", LearnerSession, "ended_at", _DERIVED, _by_month(DERIVED_MONTHS)),
    _Kind("Features", LearnerFeature, "last_at", _DERIVED, _by_month(DERIVED_MONTHS)),
    _Kind("Findings", QualityFinding, "day", f"{FINDINGS_DAYS} days", _days(FINDINGS_DAYS)),
    _Kind("Refused events", Quarantine, "received_at", f"{DAY_KEY_DAYS} days", _days(DAY_KEY_DAYS)),
    _Kind(
        "Requests done", PrivacyRequest, "done_at", f"{KEPT.days // 365} years", _days(KEPT.days)
    ),
)

_PARTITIONS = sql.SQL(
    "FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
    " WHERE inhparent = {parent}::regclass AND c.relname <> {default}"
).format(parent=sql.Literal(PARENT), default=sql.Literal(DEFAULT))
_MONTHS = sql.SQL("(SELECT array_agg(c.relname::text) {})").format(_PARTITIONS)
_OLDEST_MONTH = sql.SQL("(SELECT to_date(right(min(c.relname::text), 7), 'YYYY_MM') {})").format(
    _PARTITIONS
)
_WAITING = sql.SQL("(SELECT count(*) FROM {})").format(sql.Identifier(DEFAULT))


def retention_state(*, now: datetime, exact: bool = True) -> RetentionState:
    """Return the oldest of each kind of data, and whether events have a place to go.

    One statement. Where it need not be `exact` no event is read: the oldest month there is a
    partition for stands for the oldest event.
    """
    oldest = {kind: _first_of(kind) for kind in _KINDS}
    if not exact:
        oldest[_EVENTS] = _OLDEST_MONTH
    columns = sql.SQL(", ").join((_MONTHS, _WAITING, *oldest.values()))
    row = run(sql.SQL("SELECT {}").format(columns).as_string()).fetchone()
    months, waiting, *first = row or (None, 0)
    return RetentionState(
        events=partitions.state_of(months or [], waiting=waiting),
        held=tuple(_held(kind, at, now) for kind, at in zip(_KINDS, first, strict=True)),
    )


def _first_of(kind: _Kind) -> sql.Composed:
    return sql.SQL(
        "(SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {order} LIMIT 1)"
    ).format(
        column=sql.Identifier(kind.column),
        table=sql.Identifier(kind.model._meta.db_table),
        order=sql.Identifier(kind.order or kind.column),
    )


def _held(kind: _Kind, oldest: datetime | date | None, now: datetime) -> Held:
    limit = kind.not_before(now).date()
    day = oldest.astimezone(UTC).date() if isinstance(oldest, datetime) else oldest
    return Held(
        what=kind.what,
        retention=kind.retention,
        oldest=day,
        not_before=limit,
        overdue=day is not None and day < limit,
    )
