"""L1: what does a file hold? Reads .csv, .csv.gz and .parquet into columns of Arrow."""

import csv
import gzip
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

LARGEST_FIELD = 16 * 1024 * 1024  # bytes of one cell: the text of a module


class UnreadableFileError(ValueError):
    """The file cannot be read as a table; the text says why."""


def read_table(path: Path) -> pa.Table:
    """Return the table in a file; cells of CSV stay text, so that ids keep their zeros.

    Raises:
        UnreadableFileError: there is no such file, or it is no table of a known kind.
    """
    if not path.is_file():
        raise UnreadableFileError(f"There is no file {path}.")
    try:
        if path.name.endswith(".parquet"):
            return parquet.read_table(path)
        if path.name.endswith((".csv", ".csv.gz")):
            return _read_csv(path)
    except (pa.ArrowInvalid, pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(f"{path} cannot be read: {error}.") from error
    raise UnreadableFileError(f"{path.name} is not .csv, .csv.gz or .parquet.")


def _read_csv(path: Path) -> pa.Table:
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if not header:
        raise UnreadableFileError(f"{path} is empty: the first line names the columns.")
    return arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            column_names=header, skip_rows=1, block_size=LARGEST_FIELD
        ),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
        ),
    )
