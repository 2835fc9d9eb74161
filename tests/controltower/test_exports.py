"""Tables that leave the tower: no spreadsheet computes what somebody typed, wherever it splits."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controltower.exports import csv_file
from tests.controltower.looks import text_of

MARKS = "=+-@|%"
PARTS = st.sampled_from([*MARKS, ";", ",", "\t", "\r", "\n", '"', "'", " ", "\ufeff", "a", "1"])
TEXTS = st.text(PARTS, max_size=8)


def cells(text: str, delimiter: str) -> list[str]:
    """Return the cells a spreadsheet that splits at `delimiter` finds."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row]


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(TEXTS, st.integers(min_value=0), TEXTS), max_size=3))
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_begins_as_a_formula_wherever_the_program_splits(
    delimiter: str, rows: list[tuple[str, int, str]]
) -> None:
    text = text_of(csv_file("t", ["said", "n", "why"], rows))
    for cell in cells(text, delimiter):
        assert not cell.strip(" \t\r\n\ufeff").startswith(tuple(MARKS))


def test_numbers_dates_and_nothing_stay_what_they_are() -> None:
    row = [
        -0.5,
        -3,
        Decimal("-1.20"),
        True,
        None,
        date(2026, 11, 2),
        datetime(2026, 1, 2, tzinfo=UTC),
    ]
    text = text_of(csv_file("t", list("abcdefg"), [row]))
    assert list(csv.reader(io.StringIO(text)))[1] == [
        "-0.5",
        "-3",
        "-1.20",
        "True",
        "",
        "2026-11-02",
        "2026-01-02T00:00:00+00:00",
    ]


def test_a_table_without_rows_keeps_its_columns() -> None:
    assert text_of(csv_file("t", ["day", "n"], [])) == '"day","n"\r\n'


def test_the_name_of_a_file_leaves_the_header_whole() -> None:
    answer = csv_file('x"; filename="evil.exe\r\nA: b', ["a"], [])
    assert answer["Content-Disposition"] == 'attachment; filename="x-filenameevilexe-a-b.csv"'


def test_a_long_table_is_written_as_it_is_read() -> None:
    read: list[int] = []

    def rows() -> Iterator[list[int]]:
        for number in range(5000):
            read.append(number)
            yield [number]

    pieces = iter(csv_file("t", ["n"], rows()))
    next(pieces)
    next(pieces)
    assert len(read) < 1000
