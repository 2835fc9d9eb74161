"""What leaves for the cluster: every row once, learners kept together, and nothing stays behind."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from personalize.algorithms.base import Interactions
from personalize.engine.spark import export
from tests.personalize.algorithms.worlds import checkerboard


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Interactions:
    """Return 640 rows of 80 learners, which fill seven partitions."""
    monkeypatch.setattr(export, "ROWS_A_PART", 100)
    return checkerboard()


def test_every_row_is_exported_once_and_a_learner_lies_in_one_partition(
    data: Interactions, tmp_path: Path
) -> None:
    folder = export.write(data, tmp_path)
    tables = [pq.read_table(part / "rows.parquet") for part in sorted(folder.iterdir())]
    assert len(tables) == export.parts_for(640) == 7
    found = {
        row for table in tables for row in zip(*(c.to_pylist() for c in table.columns), strict=True)
    }
    columns = data.learners.tolist(), data.courses.tolist(), data.weights.tolist()
    assert found == set(zip(*columns, strict=True))
    assert sum(len(table) for table in tables) == 640
    assert sum(len(set(table["learner"].to_pylist())) for table in tables) == 80


def test_learner_course_and_weight_are_all_that_is_exported(
    data: Interactions, tmp_path: Path
) -> None:
    folder = export.write(data, tmp_path)
    names = {tuple(pq.read_schema(path).names) for path in folder.glob("*/*.parquet")}
    assert names == {("learner", "course", "weight")}


@pytest.mark.parametrize("parts", [1, 7, 30, 64])
def test_partitions_hold_about_as_many_learners_each(parts: int) -> None:
    of = export.part_of(np.arange(10_000, dtype=np.int32), parts)
    counts = np.bincount(of, minlength=parts)
    assert len(counts) == parts
    assert counts.max() - counts.min() <= 5


def test_the_folder_is_gone_after_the_run(tmp_path: Path) -> None:
    with export.folder(tmp_path / "spark") as made:
        (made / "rows").mkdir()
        assert made.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "spark").iterdir()) == []


def test_the_folder_is_gone_after_a_run_that_failed(tmp_path: Path) -> None:
    def fail() -> None:
        with export.folder(tmp_path) as made:
            (made / "rows.parquet").write_bytes(b"rows")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    left = tmp_path / f"{export.PREFIX}killed"
    left.mkdir()
    (left / "rows.parquet").write_bytes(b"rows")
    (tmp_path / "kept").mkdir()
    assert export.clear(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert export.clear(tmp_path / "never made") == 0
