"""L1: what may stand in a cell of a copy, so that it is safe to open in a spreadsheet?

A cell that begins like a formula would be computed by a spreadsheet that opens the file: it gets a
quote in front, which such programs show as text (OWASP, CSV injection).
"""

import json

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # noqa: RUF001  wide forms


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
