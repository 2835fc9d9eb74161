"""Is there a partition for each day of the decision log? (L4) Made ahead; old ones dropped."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from signals.data import PartitionState

PARENT = "personalize_decision"
DEFAULT = f"{PARENT}_default"
DAYS_AHEAD = 7
KEPT_DAYS = 180
PARTITIONS_LOCK = 0x4E57_0002  # one process makes partitions at a time

_EXISTING = """
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
WHERE parent.relname = %s
"""

# Names of days sort like the days they hold. Before a first ANALYZE the count is -1.
_ROWS = """
SELECT coalesce(sum(greatest(reltuples, 0)), 0) FROM pg_class
WHERE relkind = 'r' AND relname >= %s AND relname <= %s
"""
PLENTY = 5.0  # so many lists are read for one that is wanted: some are of other kinds

_known: set[date] = set()


def ensure_days(days: Iterable[date]) -> int:
    """Make the missing partitions of these days (UTC); return how many were missing.

    A day whose rows already lie in the default partition stays there: they are read all the same.
    """
    missing = sorted(set(days) - _known)
    made = sum(_make(day) for day in missing)
    _known.update(missing)
    return made


def ensure_ahead(*, now: datetime) -> int:
    """Make the partitions of today and the coming week; called at start-up and daily."""
    today = now.astimezone(UTC).date()
    return ensure_days(today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))


def drop_old(*, now: datetime) -> int:
    """Drop the days that are older than the log is kept; return how many."""
    oldest = f"{PARENT}_{now.astimezone(UTC).date() - timedelta(days=KEPT_DAYS):%Y%m%d}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARTITIONS_LOCK])
        cursor.execute(_EXISTING, [PARENT])
        # Names of days sort like the days they hold; the default's sorts after them all.
        expired = sorted(name for (name,) in cursor.fetchall() if name < oldest)
        for name in expired:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
    return len(expired)


def state() -> PartitionState:
    """Return up to which day there is a place for decisions, and how many have none."""
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING, [PARENT])
        days = [name.removeprefix(f"{PARENT}_") for (name,) in cursor.fetchall()]
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(DEFAULT)))
        waiting = int(cursor.fetchone()[0])
    newest = max((name for name in days if name.isdigit()), default="")
    return PartitionState(ahead_to=date.fromisoformat(newest) if newest else None, waiting=waiting)


def share_to_read(lists: int, *, since: datetime, until: datetime) -> float:
    """Return which percentage of some days' pages holds so many lists with plenty over.

    By what PostgreSQL last counted; everything where it has not counted yet.
    """
    first, last = (f"{PARENT}_{at.astimezone(UTC):%Y%m%d}" for at in (since, until))
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [first, last])
        rows = float(cursor.fetchone()[0])
    return min(100.0, 100.0 * PLENTY * lists / rows) if rows else 100.0


def forget() -> None:
    """Look at the database again; for tests that roll their partitions back."""
    _known.clear()


def _make(day: date) -> bool:
    name = f"{PARENT}_{day:%Y%m%d}"
    statement = sql.SQL(
        "CREATE TABLE {} PARTITION OF personalize_decision FOR VALUES FROM ({}) TO ({})"
    ).format(
        sql.Identifier(name),
        sql.Literal(f"{day} 00:00+00"),
        sql.Literal(f"{day + timedelta(days=1)} 00:00+00"),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        if cursor.fetchone()[0]:
            return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARTITIONS_LOCK])
            cursor.execute(statement.as_string(None))
    except DatabaseError:
        # Another process made it first, or the default partition holds rows of that day.
        return False
    return True
