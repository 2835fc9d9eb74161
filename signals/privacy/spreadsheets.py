"""L1: what may stand in a cell of a copy, so that it is safe to open in a spreadsheet?

A cell that begins like a formula would be computed by a spreadsheet that opens the file: it gets a
quote in front, which such programs show as text (OWASP, CSV injection). A program that splits at
semicolons, tabs or line ends, as they do in countries that write decimals with a comma, finds other
cells in the same text: what would begin one of those gets a quote too.
"""

import json
import re
from datetime import date
from decimal import Decimal

_FORMULA = r"[=+\-@\t\r\n|%＝＋－＠]"  # noqa: RUF001  wide forms
_FIRST = re.compile(r"[\s\ufeff\u200b]*" + _FORMULA)
_INNER = re.compile(r"([;\t\r\n][\s\"\ufeff\u200b]*)(?=" + _FORMULA + ")")


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = _INNER.sub(r"\1'", text)
    return f"'{text}" if _FIRST.match(text) else text
