"""Which month does an event's row live in? Makes months ahead and drops old ones (L2).

The default partition is there so that no event is ever refused for want of a month, and is kept
empty: making a month moves whatever waited in the default into it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connection, transaction
from psycopg import sql

from signals.data import PartitionState
from signals.privacy.retention import RAW_MONTHS

MONTHS_BACK = RAW_MONTHS
MONTHS_AHEAD = 3
PARENT = "signals_event"
DEFAULT = "signals_event_default"
_LOCK = 0x7061_7274  # "part": two processes never make the same month at once

_EXISTING = """
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
WHERE parent.relname = %s
"""


def month_start(at: datetime, months: int = 0) -> datetime:
    """Return the first moment of the month `months` after the one `at` is in, in UTC."""
    count = at.astimezone(UTC).year * 12 + at.astimezone(UTC).month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def partition_name(month: datetime) -> str:
    """Return the name of the table that holds a month."""
    return f"{PARENT}_{month:%Y_%m}"


def ensure_partitions(now: datetime) -> int:
    """Make the months from 13 back to 3 ahead that are missing; return how many were made."""
    months = [month_start(now, offset) for offset in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_EXISTING, [PARENT])
        existing = {name for (name,) in cursor.fetchall()}
    missing = [month for month in months if partition_name(month) not in existing]
    for month in missing:
        _make(month)
    return len(missing)


def drop_expired(now: datetime) -> int:
    """Drop the months that ended before raw retention began; return how many."""
    oldest = partition_name(month_start(now, -RAW_MONTHS))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_EXISTING, [PARENT])
        # Names of months sort like the months they hold; the default's sorts after them all.
        expired = sorted(name for (name,) in cursor.fetchall() if name < oldest)
        for name in expired:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
    return len(expired)


def waiting_in_default() -> int:
    """Return how many events have no month yet; anything but 0 wants `ensure_partitions`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(DEFAULT)))
        return int(cursor.fetchone()[0])


def state() -> PartitionState:
    """Return up to which month there is a place for events, and how many have none."""
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING, [PARENT])
        names = [name for (name,) in cursor.fetchall()]
    return state_of(names, waiting=waiting_in_default())


def state_of(names: Iterable[str], *, waiting: int) -> PartitionState:
    """Return the same of the names of partitions and the events without one."""
    newest = max((name for name in names if name != DEFAULT), default="")
    month = newest.removeprefix(f"{PARENT}_")
    ahead_to = datetime.strptime(f"{month}+0000", "%Y_%m%z").date() if month else None
    return PartitionState(ahead_to=ahead_to, waiting=waiting)


def _make(month: datetime) -> None:
    names = {
        "parent": sql.Identifier(PARENT),
        "default": sql.Identifier(DEFAULT),
        "child": sql.Identifier(partition_name(month)),
        "start": sql.Literal(month.isoformat()),
        "end": sql.Literal(month_start(month, 1).isoformat()),
    }
    steps = (
        "LOCK TABLE {parent} IN SHARE ROW EXCLUSIVE MODE",
        "CREATE TABLE IF NOT EXISTS {child} (LIKE {parent} INCLUDING DEFAULTS)",
        "WITH moved AS (DELETE FROM {default} WHERE occurred_at >= {start} AND occurred_at < {end}"
        " RETURNING *) INSERT INTO {child} SELECT * FROM moved",
        "ALTER TABLE {parent} ATTACH PARTITION {child} FOR VALUES FROM ({start}) TO ({end})",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT to_regclass(%s)", [partition_name(month)])
        if cursor.fetchone()[0] is not None:
            return  # another process made it while this one waited
        for step in steps:
            cursor.execute(sql.SQL(step).format(**names))
