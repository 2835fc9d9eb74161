"""How does a statement of the hot path reach PostgreSQL? Prepared, binary, by libpq alone.

A request has three short statements to make; psycopg's cursor costs several times what PostgreSQL
takes to answer each of them (docs/decisions/0043). What is given up for that is what these
statements do not need: adaptation of any type, server-side cursors, notices. Transactions, error
classes, the time-out of statements and Django's query log hold as everywhere.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from time import perf_counter
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import pq
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result

Parameter = int | bytes | datetime | Sequence[int]
Row = tuple[bytes | None, ...]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT8 = 20  # type oid
_DONE = {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}
_number = count()
_prepared: WeakKeyDictionary["psycopg.Connection[Any]", set[bytes]] = WeakKeyDictionary()


class HotStatement:
    """One statement with parameters $1, $2 ..., cast in its text.

    A parameter is int (bigint), bytes (bytea), an aware datetime (timestamptz) or a sequence of
    int (bigint[]). Values come back in PostgreSQL's binary form.
    """

    def __init__(self, text: str) -> None:
        """Keep the text; each connection prepares it when it first runs there."""
        self._text = text.encode()
        self._name = b"northway_%d" % next(_number)

    def rows(self, *parameters: Parameter, using: str = DEFAULT_DB_ALIAS) -> list[Row]:
        """Run it and return what it found; raise django.db.Error when it fails."""
        wrapper = connections[using]
        wrapper.ensure_connection()
        raw = cast("psycopg.Connection[Any]", wrapper.connection)
        started = perf_counter()
        try:
            with wrapper.wrap_database_errors:
                result = self._run(raw, [_encoded(each) for each in parameters])
        finally:
            if wrapper.queries_logged:
                spent = f"{perf_counter() - started:.3f}"
                wrapper.queries_log.append({"sql": self._text.decode(), "time": spent})
        columns = range(result.nfields)
        return [
            tuple([result.get_value(row, column) for column in columns])
            for row in range(result.ntuples)
        ]

    def _run(self, raw: "psycopg.Connection[Any]", parameters: list[bytes]) -> pq.abc.PGresult:
        pgconn = raw.pgconn
        if not raw.autocommit:
            if pgconn.transaction_status == pq.TransactionStatus.IDLE:
                pgconn.exec_(b"BEGIN")  # as psycopg does before the first statement
            # Not prepared: what went missing could not be prepared again after the error.
            formats = [pq.Format.BINARY] * len(parameters)
            binary = pq.Format.BINARY
            result = pgconn.exec_params(self._text, parameters, None, formats, binary)
            return _checked(raw, result)
        try:
            return self._prepared(raw, parameters)
        except (FeatureNotSupported, InvalidSqlStatementName):
            # A migration changed what the plan returns, or psycopg deallocated all statements.
            pgconn.exec_(b"DEALLOCATE " + self._name)
            _prepared[raw].discard(self._name)
            return self._prepared(raw, parameters)

    def _prepared(self, raw: "psycopg.Connection[Any]", parameters: list[bytes]) -> pq.abc.PGresult:
        known = _prepared.get(raw)
        if known is None:
            known = _prepared[raw] = set()
        if self._name not in known:
            _checked(raw, raw.pgconn.prepare(self._name, self._text))
            known.add(self._name)
        formats = [pq.Format.BINARY] * len(parameters)
        result = raw.pgconn.exec_prepared(self._name, parameters, formats, pq.Format.BINARY)
        return _checked(raw, result)


def _checked(raw: "psycopg.Connection[Any]", result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in _DONE:
        return result
    if raw.closed:  # the server is gone, which libpq reports without a code
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)


def _encoded(value: Parameter) -> bytes:
    return _ENCODERS.get(type(value), _array)(value)


def _timestamp(value: datetime) -> bytes:
    return struct.pack(">q", round((value - _EPOCH).total_seconds() * 1_000_000))


def _array(values: Sequence[int]) -> bytes:
    head = struct.pack(">iiiii", 1, 0, _INT8, len(values), 1)
    return head + b"".join([struct.pack(">iq", 8, value) for value in values])


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    int: struct.Struct(">q").pack,
    bytes: bytes,
    datetime: _timestamp,
}
