"""L1 and L2: how is a copy handed out that may be long? In pieces, each made when it is asked for.

A copy is as long as what somebody did: it never stands in memory whole, nor on a disk of ours.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from signals.privacy.spreadsheets import cell

BLOCK = 64 * 1024  # characters or bytes of a piece, about
CHUNK = 200  # rows written at once

Parts = Iterable[tuple[str, object]]


def as_json(parts: Parts) -> Iterator[bytes]:
    """Yield a copy as JSON."""
    block: list[str] = []
    length = 0
    for text in _object(parts):
        block.append(text)
        length += len(text)
        if length >= BLOCK:
            yield "".join(block).encode()
            block, length = [], 0
    yield "".join(block).encode()


def _object(parts: Parts) -> Iterator[str]:
    between = "{\n"
    for name, held in parts:
        yield f"{between}{json.dumps(name)}: "
        yield from _value(held)
        between = ",\n"
    yield "{}" if between == "{\n" else "\n}"


def _value(held: object) -> Iterator[str]:
    if isinstance(held, dict):
        yield from _object(held.items())
    elif isinstance(held, Iterator):
        yield from _array(held)
    else:
        yield json.dumps(held, ensure_ascii=False, default=str)


def _array(rows: Iterator[object]) -> Iterator[str]:
    between = "[\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False, default=str)
        between = ",\n"
    yield "[]" if between == "[\n" else "\n]"


class _Outgoing(io.RawIOBase):
    """A file that is written, and handed on as it grows."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        """Say that it is."""
        return True

    def write(self, data: object) -> int:
        """Take bytes."""
        given = bytes(data)  # type: ignore[call-overload]
        self._waiting += given
        return len(given)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        given = bytes(self._waiting)
        self._waiting.clear()
        return given

    def full(self) -> bool:
        """Say whether a block waits."""
        return len(self._waiting) >= BLOCK


def as_zip(parts: Parts) -> Iterator[bytes]:
    """Yield a copy as a ZIP of CSV files, one a table of each app, and what fits in none."""
    out = _Outgoing()
    rest: list[dict[str, object]] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in _tables(parts):
            if isinstance(rows, (list, Iterator)):
                with file.open(f"{name}.csv", "w") as table:
                    for text in as_csv(iter(rows), whole=isinstance(rows, list)):
                        table.write(text.encode())
                        if out.full():
                            yield out.taken()
            else:
                rest.append({"name": name, "value": rows})
        with file.open("account.csv", "w") as table:
            table.write("".join(as_csv(iter(rest), whole=True)).encode())
    yield out.taken()


def _tables(parts: Parts) -> Iterator[tuple[str, object]]:
    for app, held in parts:
        if isinstance(held, dict):
            yield from ((f"{app}-{table}", rows) for table, rows in held.items())
        else:
            yield app, held


def as_csv(rows: Iterator[object], *, whole: bool) -> Iterator[str]:
    """Yield rows as CSV with a byte-order mark, so that spreadsheets read it as UTF-8.

    The columns are those of all rows where they are at hand, else of the first: rows of a table
    have the same.
    """
    seen = list(rows) if whole else list(islice(rows, 1))
    columns = list(dict.fromkeys(name for row in seen for name in _plain(row)))
    kept = chain(seen, rows)
    yield from csv_of(columns, ([_plain(row).get(name) for name in columns] for row in kept))


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table as CSV in pieces: a byte-order mark, its columns, its rows."""
    yield "\ufeff" + _lines([columns])
    kept = iter(rows)
    while chunk := list(islice(kept, CHUNK)):
        yield _lines(chunk)


def _plain(row: object) -> dict[str, object]:
    return row if isinstance(row, dict) else {"value": row}


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([cell(one) for one in row] for row in rows)
    return text.getvalue()
