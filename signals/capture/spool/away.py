"""L1: is PostgreSQL away just now? What one request found out spares the next ones the waiting."""

from dataclasses import dataclass
from time import monotonic

from django.db import InterfaceError, OperationalError, connection
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

GONE = (OperationalError, InterfaceError)
HOLDS_S = 6.0  # then a request tries by itself, should nobody be watching


@dataclass(slots=True)
class _State:
    until: float = 0.0


_state = _State()


class AwayError(OperationalError):
    """PostgreSQL did not answer a moment ago and is not asked again yet."""


def note() -> None:
    """Take note that PostgreSQL did not answer; inside a caller's transaction nobody does."""
    if not connection.in_atomic_block:
        _state.until = monotonic() + HOLDS_S


def forget() -> None:
    """Ask PostgreSQL again."""
    _state.until = 0.0


def is_away() -> bool:
    """Say whether PostgreSQL did not answer a moment ago."""
    return _state.until > monotonic()


def check() -> None:
    """Raise AwayError rather than wait for a database that was not there a moment ago."""
    if is_away():
        raise AwayError("PostgreSQL did not answer a moment ago")


def may_pass(error: Exception) -> bool:
    """Say whether the same may succeed at once: after a deadlock or a cut connection.

    Not after a wait that was given up: it would be waited for again, and the sender waits as well.
    """
    return not isinstance(error.__cause__, PoolTimeout | QueryCanceled)
