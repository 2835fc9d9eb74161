"""L1: how does an export become tables? One CSV file each in a ZIP, safe to open in a spreadsheet.

A cell that begins like a formula would be computed by a spreadsheet that opens the file: it gets a
quote in front, which such programs show as text (OWASP, CSV injection).
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # noqa: RUF001  wide forms


def as_zip(export: Mapping[str, object]) -> bytes:
    """Return an export as a ZIP of CSV files, one a table of each app, and what fits in none."""
    whole = io.BytesIO()
    rest: list[dict[str, object]] = []
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in _tables(export):
            if isinstance(rows, list):
                file.writestr(f"{name}.csv", as_csv(rows))
            else:
                rest.append({"name": name, "value": rows})
        file.writestr("account.csv", as_csv(rest))
    return whole.getvalue()


def as_csv(rows: Sequence[object]) -> str:
    """Return rows as CSV with a byte-order mark, so that spreadsheets read it as UTF-8."""
    plain = [row if isinstance(row, dict) else {"value": row} for row in rows]
    columns = list(dict.fromkeys(name for row in plain for name in row))
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([cell(name) for name in columns])
    writer.writerows([cell(row.get(name)) for name in columns] for row in plain)
    return "\ufeff" + text.getvalue()


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _tables(export: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for app, held in export.items():
        if isinstance(held, dict):
            yield from ((f"{app}-{table}", rows) for table, rows in held.items())
        else:
            yield app, held
