"""A hot statement behaves as any other: transactions, errors, the query log, changed tables."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from signals.hot import HotStatement

ECHO = HotStatement("SELECT $1::bigint::text, $2::bytea, $3::timestamptz::text, $4::bigint[]::text")
BIG = st.integers(-(2**63), 2**63 - 1)


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
@given(
    BIG,
    st.binary(max_size=40),
    st.integers(-(10**15), 10**16).map(lambda n: datetime.fromtimestamp(n // 10**6, tz=UTC)),
    st.lists(BIG, max_size=5),
)
def test_values_arrive_as_they_were_given(
    number: int, raw: bytes, at: datetime, numbers: list[int]
) -> None:
    row = ECHO.rows(number, raw, at, numbers)[0]
    found = datetime.fromisoformat((row[2] or b"").decode().replace("+00", "+00:00"))
    assert (row[0], row[1], found) == (str(number).encode(), raw, at)
    assert row[3] == ("{" + ",".join(map(str, numbers)) + "}").encode()


@pytest.mark.django_db(transaction=True)
def test_it_runs_inside_the_transaction_even_as_its_first_statement() -> None:
    execute("CREATE TABLE hot_probe (id bigint)")
    add = HotStatement("INSERT INTO hot_probe VALUES ($1::bigint) RETURNING id")
    seen = HotStatement("SELECT count(*)::text FROM hot_probe")
    try:
        with transaction.atomic():
            add.rows(1)
            assert seen.rows() == [(b"1",)]
            transaction.set_rollback(True)
        assert seen.rows() == [(b"0",)]
    finally:
        execute("DROP TABLE hot_probe")


@pytest.mark.django_db(transaction=True)
def test_a_statement_prepared_before_a_migration_works_after_it() -> None:
    execute("CREATE TABLE hot_probe (id integer)")
    every = HotStatement("SELECT * FROM hot_probe")
    try:
        assert every.rows() == []
        execute("ALTER TABLE hot_probe ADD COLUMN name text")
        execute("INSERT INTO hot_probe VALUES (1, 'a')")
        assert every.rows() == [(b"\0\0\0\1", b"a")]
    finally:
        execute("DROP TABLE hot_probe")


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_was_deallocated_is_prepared_again() -> None:
    one = HotStatement("SELECT 'here'")
    assert one.rows() == [(b"here",)]
    execute("DEALLOCATE ALL")
    assert one.rows() == [(b"here",)]


@pytest.mark.django_db(transaction=True)
def test_what_fails_raises_djangos_errors() -> None:
    with pytest.raises(DatabaseError):
        HotStatement("SELECT 1 / $1::bigint").rows(0)
    pid = HotStatement("SELECT pg_backend_pid()::text").rows()[0][0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [int(pid or b"0")])
    other.close()
    with pytest.raises(OperationalError):
        HotStatement("SELECT 1").rows()
    connection.close()
    assert HotStatement("SELECT 'back'").rows() == [(b"back",)]


@pytest.mark.django_db
def test_the_query_log_counts_it() -> None:
    with CaptureQueriesContext(connection) as queries:
        ECHO.rows(1, b"", datetime(2026, 1, 1, tzinfo=UTC), [])
    assert len(queries) == 1
