"""A model's folder: whole or absent, and never trusted without being checked."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from personalize.engine import artifacts
from personalize.engine.artifacts import Card, ModelUnusable


def card(version: str = "one", **changes: Any) -> Card:
    values: dict[str, Any] = {
        "version": version,
        "trained_at": datetime(2026, 3, 1, tzinfo=UTC),
        "seed": 7,
        "serves": "ease",
        "learners": 3,
        "courses": 2,
        "pairs": 5,
        "weights": {"ease": 1.0},
        "parameters": {"ease": {"regularization": 500.0}},
        "metrics": {"ease": {"ndcg@10": 0.5}},
        "heldout": {"learners": 3.0},
        "excluded": {},
        "skipped": {},
    }
    return Card(**(values | changes))


def publish(root: Path, version: str = "one", **changes: Any) -> Card:
    arrays = {
        "course_ids": np.array([4, 9], np.int32),
        "ease.weights": np.array([[0, 1.5], [0.5, 0]], np.float32),
    }
    return artifacts.publish(root, card(version, **changes), arrays)


def test_a_published_model_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = publish(tmp_path)
    read = artifacts.load(tmp_path, "one")
    assert read.card == written
    assert (
        read.card.files["ease.weights"].size == (tmp_path / "one/ease.weights.npy").stat().st_size
    )
    np.testing.assert_array_equal(read.arrays["course_ids"], [4, 9])
    np.testing.assert_array_equal(read.arrays["ease.weights"], [[0, 1.5], [0.5, 0]])


def test_arrays_are_shared_through_memory_mapping_and_cannot_be_changed(tmp_path: Path) -> None:
    publish(tmp_path)
    array = artifacts.load(tmp_path, "one").arrays["ease.weights"]
    assert isinstance(array.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1


def test_a_missing_model_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="missing; run retrain"):
        artifacts.load(tmp_path, "one")


def test_a_missing_array_is_unusable(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "one/ease.weights.npy").unlink()
    with pytest.raises(ModelUnusable, match=r"ease\.weights\.npy is damaged"):
        artifacts.load(tmp_path, "one")


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_single_flipped_bit_is_unusable(tmp_path: Path, place: int) -> None:
    publish(tmp_path)
    path = tmp_path / "one/ease.weights.npy"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelUnusable, match="damaged"):
        artifacts.load(tmp_path, "one")


def test_a_truncated_array_is_unusable(tmp_path: Path) -> None:
    publish(tmp_path)
    path = tmp_path / "one/course_ids.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelUnusable, match="damaged"):
        artifacts.load(tmp_path, "one")


def test_a_card_that_is_no_json_is_unusable(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "one/card.json").write_text("{")
    with pytest.raises(ModelUnusable, match="card cannot be read"):
        artifacts.load(tmp_path, "one")


def test_another_format_is_unusable(tmp_path: Path) -> None:
    publish(tmp_path, format=artifacts.FORMAT + 1)
    with pytest.raises(ModelUnusable, match="format 2 and this code reads 1"):
        artifacts.load(tmp_path, "one")


def test_a_folder_of_another_version_is_unusable(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "one").rename(tmp_path / "two")
    with pytest.raises(ModelUnusable, match="belongs to one"):
        artifacts.load(tmp_path, "two")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_unusable(tmp_path: Path, value: float) -> None:
    artifacts.publish(tmp_path, card(), {"popular.scores": np.array([1, value], np.float32)})
    with pytest.raises(ModelUnusable, match="no finite numbers"):
        artifacts.load(tmp_path, "one")


def test_pickled_objects_are_refused_on_both_sides(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match="allow_pickle"):
        artifacts.publish(tmp_path, card(), {"bad": objects})
    written = publish(tmp_path, "two")
    path = tmp_path / "two/course_ids.npy"
    np.save(path, objects, allow_pickle=True)
    stamp = artifacts._digest(path)
    forged = msgspec.structs.replace(written, files=written.files | {"course_ids": stamp})
    (tmp_path / "two/card.json").write_bytes(msgspec.json.encode(forged))
    with pytest.raises(ModelUnusable, match="damaged"):
        artifacts.load(tmp_path, "two")


@pytest.mark.parametrize("version", ["../one", "a/b", "", ".hidden", "one.tmp"])
def test_names_that_could_leave_the_folder_are_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        publish(tmp_path, version)
    with pytest.raises(ModelUnusable, match="is no name"):
        artifacts.load(tmp_path, version)


def test_a_version_is_never_overwritten(tmp_path: Path) -> None:
    publish(tmp_path)
    with pytest.raises(OSError, match="not empty"):
        publish(tmp_path, seed=8)
    assert artifacts.load(tmp_path, "one").card.seed == 7


def test_what_a_killed_run_left_behind_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "one.tmp").mkdir()
    (tmp_path / "one.tmp/left.npy").write_bytes(b"half")
    publish(tmp_path)
    assert not (tmp_path / "one/left.npy").exists()


def test_pruning_keeps_what_it_is_told_to(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    publish(tmp_path, "two")
    (tmp_path / "three.tmp").mkdir()
    (tmp_path / "live.json").write_text("{}")
    assert set(artifacts.prune(tmp_path, keep=frozenset({"two"}))) == {"one", "three.tmp"}
    assert {path.name for path in tmp_path.iterdir()} == {"two", "live.json"}


def test_a_reader_never_sees_half_a_model(tmp_path: Path) -> None:
    versions = [f"v{number:02}" for number in range(20)]
    broken: list[str] = []
    whole: set[str] = set()
    done = threading.Event()

    def look(version: str) -> None:
        try:
            whole.add(artifacts.load(tmp_path, version).card.version)
        except ModelUnusable as error:
            broken.append(error.reason)

    def read() -> None:
        while not done.is_set():
            for folder in [path.name for path in tmp_path.iterdir() if path.suffix != ".tmp"]:
                look(folder)

    reader = threading.Thread(target=read)
    reader.start()
    for version in versions:
        publish(tmp_path, version)
    done.set()
    reader.join()
    for version in versions:
        look(version)
    assert broken == []
    assert whole == set(versions)
