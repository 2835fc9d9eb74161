"""Which columns of a file of interactions mean what? Tables and dense codes for evaluation (L3).

Columns are recognised by their common names. Nothing here needs a database.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from django.core.management.base import CommandError
from numpy.typing import NDArray

from personalize.algorithms.base import IndexArray

NAMES = {
    "learner": ("learner", "learner_id", "user", "user_id", "student", "student_id", "username"),
    "course": ("course", "course_id", "item", "item_id", "content_id"),
    "time": ("pos", "ts", "time", "timestamp", "occurred_at", "order", "created_at", "date"),
    "negatives": ("negatives", "negative", "neg", "candidates"),
}
SECONDS_A_DAY = 86_400.0
FIRST_UNIX_TIME = 1e8
"""Numbers from here on are seconds since 1970 (1973 and later), below it positions or days."""


def read_table(path: Path) -> pa.Table:
    """A .parquet, .csv or .csv.gz file as a table."""
    if not path.is_file():
        raise CommandError(f"{path} is not there; give the path of a .parquet, .csv or .csv.gz")
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path)
    return pyarrow.csv.read_csv(path)


def find_column(table: pa.Table, meaning: str) -> pa.Array | None:
    """The first column with a usual name for the meaning."""
    by_lower = {name.lower(): name for name in table.column_names}
    for name in NAMES[meaning]:
        if name in by_lower:
            return pa.concat_arrays(table[by_lower[name]].chunks)
    return None


def column(table: pa.Table, meaning: str) -> pa.Array:
    """The column with a usual name for the meaning, or an error that lists the usual names."""
    found = find_column(table, meaning)
    if found is None:
        have, known = ", ".join(table.column_names), ", ".join(NAMES[meaning])
        raise CommandError(f"No column for {meaning} among {have}; call it one of {known}")
    return found


def list_column(table: pa.Table, meaning: str) -> pa.Array:
    """A list column; text such as ``[3, 14, 15]`` or ``3 14 15`` is split."""
    found = column(table, meaning)
    if not pa.types.is_string(found.type):
        return found
    bare = pc.utf8_trim_whitespace(pc.replace_substring_regex(found, r"[\[\]\"']", ""))
    return pc.split_pattern_regex(bare, r"[,;\s]+")


class Codes:
    """Dense numbers for the values of a column, the same over all files that name them."""

    def __init__(self, *columns: pa.Array) -> None:
        self.kind = pa.int64() if all(pa.types.is_integer(c.type) for c in columns) else pa.string()
        values = pc.unique(pa.chunked_array([c.cast(self.kind) for c in columns]))
        self.values = values.take(pc.sort_indices(values))

    def __len__(self) -> int:
        return len(self.values)

    def of(self, values: pa.Array) -> IndexArray:
        codes = pc.index_in(values.cast(self.kind), value_set=self.values)
        found: IndexArray = codes.to_numpy(zero_copy_only=False).astype(np.int32)
        return found


def days(table: pa.Table) -> NDArray[np.float64]:
    """Times as days, or positions as they are; zeros where the file has no order."""
    found = find_column(table, "time")
    if found is None:
        return np.zeros(len(table))
    if not (pa.types.is_integer(found.type) or pa.types.is_floating(found.type)):
        found = found.cast(pa.timestamp("us")).cast(pa.int64())
        return np.asarray(found.to_numpy(zero_copy_only=False), np.float64) / SECONDS_A_DAY / 1e6
    times = np.asarray(found.to_numpy(zero_copy_only=False), np.float64)
    return times / SECONDS_A_DAY if len(times) and times.max() > FIRST_UNIX_TIME else times
