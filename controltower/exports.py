"""People at the controls: how does a table leave the tower? As CSV, by this one function.

Every cell passes the rule that copies of learners' data pass, so that no spreadsheet computes what
somebody typed into a title, a reason or a search.
"""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse
from django.utils.text import slugify

from signals import api as signals

KIND = "text/csv; charset=utf-8"


def csv_file(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return a table as a file to keep, written as it is read; name has no ending.

    Rows hold numbers, texts, dates or None in the order of the columns. A number stays one; text
    that a spreadsheet would compute does not.
    """
    disposition = f'attachment; filename="{slugify(name) or "table"}.csv"'
    return StreamingHttpResponse(
        signals.csv_of(columns, rows),
        content_type=KIND,
        headers={"Content-Disposition": disposition},
    )
