"""L1: is PostgreSQL away just now? What one request found out spares the next ones the waiting."""

from dataclasses import dataclass
from time import monotonic

from django.db import InterfaceError, OperationalError, connection
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

GONE = (OperationalError, InterfaceError)
HOLDS_S = 6.0  # then a request tries by itself, should nobody be watching
SOON_S = 10.0  # between two waits that were given up, for both to have one cause


@dataclass(slots=True)
class _State:
    until: float = 0.0
    given_up: float = float("-inf")  # when a wait was given up last


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


def waits_alone(error: Exception) -> bool:
    """Say whether it may be this statement alone that was given up, as one that meets a lock is.

    A second one soon after may mean that PostgreSQL does not get on: then nobody else should wait.
    """
    if not isinstance(error.__cause__, QueryCanceled):
        return False
    before, _state.given_up = _state.given_up, monotonic()
    return _state.given_up - before > SOON_S


def may_pass(error: Exception) -> bool:
    """Say whether the same may succeed at once: after a deadlock or a cut connection.

    Not after a wait that was given up: it would be waited for again, and the sender waits as well.
    """
    return not isinstance(error.__cause__, PoolTimeout | QueryCanceled)
