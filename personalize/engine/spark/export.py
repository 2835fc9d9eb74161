"""Which rows leave this process, and how long are they there? (L3) Parquet, by partition.

A partition holds all rows of its learners, so that whoever reads it needs no other one to know
them. A row says that learner number so-and-so of this run took course number so-and-so, and how
sure that is: no learner_id, no time, nothing of who left before the run. The folder is gone when
the run ends, however it ends; what a killed run left is removed by the next one.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions

PREFIX = "northway-als-"
ROWS_A_PART = 1_000_000
MOST_PARTS = 4_096
ROWS = "rows"
SPREAD = np.uint32(2_654_435_761)  # Knuth's multiplier: neighbouring numbers end far apart


@contextmanager
def folder(root: Path) -> Iterator[Path]:
    """Make a folder that nobody else may read, and remove it with all that is in it."""
    root.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=PREFIX, dir=root))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def clear(root: Path) -> int:
    """Remove what killed runs left; return how many folders. Call it under the training lock."""
    left = [path for path in root.glob(f"{PREFIX}*") if path.is_dir()]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def parts_for(rows: int) -> int:
    """Return into how many partitions so many rows are split."""
    return min(max(-(-rows // ROWS_A_PART), 1), MOST_PARTS)


def part_of(learners: NDArray[np.int32], parts: int) -> NDArray[np.int64]:
    """Return the partition of each learner, by hash: about as many learners in each."""
    mixed = learners.astype(np.uint32) * SPREAD
    return (mixed.astype(np.uint64) * np.uint64(parts) >> np.uint64(32)).astype(np.int64)


def write(data: Interactions, into: Path) -> Path:
    """Write learner, course and weight of every row; return the folder of the partitions."""
    parts = parts_for(len(data.courses))
    of_row = part_of(data.learners, parts)
    for part in range(parts):
        rows = np.flatnonzero(of_row == part)
        columns = {
            "learner": data.learners[rows],
            "course": data.courses[rows],
            "weight": data.weights[rows],
        }
        at = into / ROWS / f"part={part:04d}"
        at.mkdir(parents=True)
        pq.write_table(pa.table(columns), at / "rows.parquet")
    return into / ROWS
