"""L1: how does a hot statement reach PostgreSQL? Prepared, binary, past Django's client cursor.

Django merges parameters on the client, so nothing it runs is prepared or answered in binary. The
hot paths run here instead, still inside Django's transaction, error classes and query log.
"""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, cast

import numpy as np
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from numpy.typing import NDArray
from psycopg.sql import SQL, Composed

Query = str | bytes | SQL | Composed

ARRAY_HEADER = 20  # bytes of a one-dimensional array before its numbers
PREPARE_AFTER = 5  # psycopg's own default; Django switches it off


def raw_connection(using: str = DEFAULT_DB_ALIAS) -> "psycopg.Connection[Any]":
    """Return psycopg's connection under Django's, open and able to prepare."""
    wrapper = connections[using]
    wrapper.ensure_connection()
    raw = cast("psycopg.Connection[Any]", wrapper.connection)
    if raw.prepare_threshold is None:
        raw.prepare_threshold = PREPARE_AFTER
    return raw


def run(
    query: Query,
    params: Sequence[object] | Mapping[str, object] = (),
    *,
    using: str = DEFAULT_DB_ALIAS,
    prepared: bool = True,
) -> "psycopg.Cursor[Any]":
    """Run one prepared statement with binary results; raise django.db.Error when it fails.

    One that is planned for its parameters each time is not prepared.
    """
    wrapper = connections[using]
    with wrapper.wrap_database_errors:
        cursor = psycopg.Cursor(raw_connection(using))
        started = perf_counter()
        try:
            cursor.execute(query, params, prepare=prepared, binary=True)
        finally:
            _log(wrapper, query, perf_counter() - started)
    return cursor


def array_values(array: bytes | None, kind: str) -> NDArray[Any]:
    """Return the numbers of an array in PostgreSQL's binary form, which holds no nulls.

    The form is 20 bytes, then each number after its length; `kind` is ">i4", ">i8" or ">f4".
    """
    if array is None:
        return np.empty(0, kind)
    element = np.dtype([("length", ">i4"), ("value", kind)])
    values: NDArray[Any] = np.frombuffer(array, element, offset=ARRAY_HEADER)["value"]
    return values


def _log(wrapper: BaseDatabaseWrapper, query: Query, seconds: float) -> None:
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": str(query), "time": f"{seconds:.3f}"})
