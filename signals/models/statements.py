"""L1: how does a hot statement reach PostgreSQL? Prepared, binary, past Django's client cursor.

Django merges parameters on the client, so nothing it runs is prepared or answered in binary. The
hot paths run here instead, still inside Django's transaction, error classes and query log.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.sql import SQL, Composed

Query = str | bytes | SQL | Composed

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
    query: Query, params: Sequence[object] = (), *, using: str = DEFAULT_DB_ALIAS
) -> "psycopg.Cursor[Any]":
    """Run one prepared statement with binary results; raise django.db.Error when it fails."""
    wrapper = connections[using]
    with wrapper.wrap_database_errors:
        cursor = psycopg.Cursor(raw_connection(using))
        started = perf_counter()
        try:
            cursor.execute(query, params, prepare=True, binary=True)
        finally:
            _log(wrapper, query, perf_counter() - started)
    return cursor


def _log(wrapper: BaseDatabaseWrapper, query: Query, seconds: float) -> None:
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": str(query), "time": f"{seconds:.3f}"})
