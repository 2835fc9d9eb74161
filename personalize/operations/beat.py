"""For operators: which of several clocks gives out work? The one that holds a lock in PostgreSQL.

As many `celery beat` may run as there are nodes. One holds an advisory lock in a session of its own
and sends jobs; the others ask for the lock every few seconds. When the one ends, or its connection
breaks, PostgreSQL lets go of the lock and another goes on with the times written down so far. The
lock belongs to a session, so a pooler between must pool sessions, not transactions.
"""

import logging
from time import time
from typing import TYPE_CHECKING, Any, cast

import psycopg
from django.db import connections
from django_celery_beat.schedulers import DatabaseScheduler

from personalize.operations.jobs import SENT_AT

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

LOCK = 7_311_906_255_530_021  # any number that nothing else of the product locks
STANDBY_S = 2.0
# A node that was cut off: the server ends its session, and with it the lock, after about 20 s.
CUT_OFF = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
CONNECT_S = 3

log = logging.getLogger(__name__)


class Lead:
    """The lock, in a connection that is nobody else's."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._session: psycopg.Connection[Any] | None = None

    def held(self) -> bool:
        """Say whether this process holds the lock, asking for it where it does not."""
        try:
            if self._session is not None:
                self._session.execute("SELECT 1")
                return True
            session = self._connect()
            row = session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        except psycopg.Error:
            self.drop()
            return False
        if row is None or not row[0]:
            session.close()
            return False
        self._session = session
        return True

    def drop(self) -> None:
        """Let go of the lock."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    @staticmethod
    def _connect() -> "psycopg.Connection[Any]":
        wrapper = cast("DatabaseWrapper", connections["default"])
        parameters = wrapper.get_connection_params()
        said = parameters.get("options", "")
        parameters |= {"connect_timeout": CONNECT_S, "options": f"{said} {CUT_OFF}".strip()}
        return psycopg.connect(**parameters, autocommit=True)


class OneBeat(DatabaseScheduler):  # type: ignore[misc]  # untyped package
    """The scheduler of the database, of which one acts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin as one that stands by."""
        self.lead = Lead()
        self.acts = False
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due where this is the one; return the seconds until it should look again."""
        if not self.lead.held():
            if self.acts:
                log.warning("Another clock gives out work from now on.")
            self.acts = False
            return STANDBY_S
        if not self.acts:
            log.warning("This clock gives out work from now on.")
            self._read_again()
            self.acts = True
        return float(super().tick(*args, **kwargs))

    def reserve(self, entry: Any) -> Any:
        """Remember that a job was sent, should the heap be filled anew before all is read."""
        new = super().reserve(entry)
        self._schedule[new.name] = new
        return new

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a job with the moment it was sent at."""
        entry.options.setdefault("headers", {})[SENT_AT] = time()
        return super().apply_async(entry, *args, **kwargs)

    def close(self) -> None:
        """Let go of the lock with everything else."""
        super().close()
        self.lead.drop()

    def _read_again(self) -> None:
        """Forget what was read while standing by: the other one ran jobs since."""
        self._dirty.clear()
        self._last_timestamp = self.Changes.last_change()
        self._schedule = self.all_as_schedule()
        self._heap = None
