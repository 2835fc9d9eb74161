"""What lies in a model's folder, and can it be trusted? (L3)

A version is a folder of `.npy` files and one card. It is written beside its final place and
renamed into it, so a reader sees the whole model or none. Nothing in it can run: arrays are read
with `allow_pickle=False` and memory-mapped, so the processes of a node share one copy.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from personalize.data import Assessed
from personalize.engine.configuration import Configuration

FORMAT = 1  # raise it when older readers must not open what this code writes
CARD = "card.json"
UNFINISHED = ".tmp"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

Arrays = Mapping[str, NDArray[np.generic]]


class ModelUnusable(Exception):  # noqa: N818  the name says what the caller must act on
    """A model that must not serve; `reason` tells an operator what is wrong and what to do."""

    def __init__(self, version: str, reason: str) -> None:
        """Keep both parts."""
        super().__init__(f"Model {version or '(none)'} cannot serve: {reason}")
        self.version = version
        self.reason = reason


class FileStamp(msgspec.Struct, frozen=True):
    """What one array file held when it was written."""

    sha256: str
    size: int  # bytes


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The model card: where the model comes from, how good it is, and what its files hold."""

    version: str
    trained_at: datetime
    seed: int
    serves: str  # name of the algorithm whose arrays these are
    engine: str = "local"  # who fitted what one machine may be too small for
    learners: int
    courses: int
    pairs: int
    weights: dict[str, float]  # algorithm -> share of the blend
    parameters: dict[str, dict[str, Any]]  # algorithm -> what it was fitted with
    metrics: dict[str, dict[str, float]]  # model -> metric -> value, on the held-out choices
    heldout: dict[str, float]  # how the metrics were measured
    excluded: dict[str, int]  # reason -> rows that were not trained on
    skipped: dict[str, str]  # algorithm -> why it could not be fitted
    heads: dict[str, dict[str, float]] = {}  # head -> how calibrated it was on the newest rows
    configuration: Configuration | None = None  # None: made before it was written down
    assessed: Assessed | None = None  # for whom it is good
    governed: dict[str, dict[str, float]] = {}  # rule of training data -> what it did
    format: int = FORMAT
    files: dict[str, FileStamp] = {}


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified model: its card and its arrays, memory-mapped and read-only."""

    card: Card
    arrays: Arrays


def _flush(path: Path) -> None:
    """Wait until a folder's entries are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> FileStamp:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileStamp(sha256=digest, size=path.stat().st_size)


def _checked_name(name: str) -> str:
    """Refuse a name that could leave the folder; names reach paths."""
    if not _NAME.fullmatch(name) or name.endswith(UNFINISHED):
        raise ValueError(f"{name!r} is no name for a model or an array: use A-Z a-z 0-9 _ . -")
    return name


def _write_array(folder: Path, name: str, array: NDArray[np.generic]) -> FileStamp:
    path = folder / f"{_checked_name(name)}.npy"
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return _digest(path)


def exists(root: Path, version: str) -> bool:
    """Say whether a finished folder of this version is there."""
    return (root / _checked_name(version) / CARD).is_file()


def publish(root: Path, card: Card, arrays: Arrays) -> Card:
    """Write a model under `root` so that it appears whole or not at all; return the stamped card.

    Raises ValueError for a bad name and OSError when the version exists or the disk is full.
    """
    final = root / _checked_name(card.version)
    unfinished = root / f"{card.version}{UNFINISHED}"
    root.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(unfinished, ignore_errors=True)  # left by a run that was killed
    unfinished.mkdir()
    files = {name: _write_array(unfinished, name, array) for name, array in arrays.items()}
    stamped = msgspec.structs.replace(card, files=files)
    write_durably(unfinished / CARD, msgspec.json.format(msgspec.json.encode(stamped), indent=1))
    _flush(unfinished)
    unfinished.rename(final)
    _flush(root)
    return stamped


def read_card(root: Path, version: str) -> Card:
    """Read a model's card; raise ModelUnusable when it is missing, foreign or of another format."""
    try:
        card = msgspec.json.decode((root / _checked_name(version) / CARD).read_bytes(), type=Card)
    except FileNotFoundError as error:
        raise ModelUnusable(version, "its folder or card is missing; run retrain.") from error
    except (OSError, ValueError) as error:
        raise ModelUnusable(version, f"its card cannot be read ({error}); run retrain.") from error
    if card.format != FORMAT:
        raise ModelUnusable(
            version, f"it has format {card.format} and this code reads {FORMAT}; run retrain."
        )
    if card.version != version:
        raise ModelUnusable(version, f"its card belongs to {card.version}; restore its folder.")
    return card


def _read_array(folder: Path, card: Card, name: str) -> NDArray[np.generic]:
    path = folder / f"{_checked_name(name)}.npy"
    damaged = f"{path.name} is damaged; roll back to another version or run retrain."
    try:
        if _digest(path) != card.files[name]:
            raise ModelUnusable(card.version, damaged)
        # A plain view of the mapping: slicing np.memmap itself costs a microsecond each time.
        array: NDArray[np.generic] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError) as error:
        raise ModelUnusable(card.version, f"{damaged} ({error})") from error
    if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
        raise ModelUnusable(card.version, f"{path.name} holds values that are no finite numbers.")
    return array


def load(root: Path, version: str) -> Artifact:
    """Open a model after checking format, checksums and finite values, or raise ModelUnusable."""
    card = read_card(root, version)
    folder = root / version
    return Artifact(card, {name: _read_array(folder, card, name) for name in card.files})


def prune(root: Path, *, keep: frozenset[str]) -> tuple[str, ...]:
    """Delete every folder of a model that is not kept, unfinished ones too; return their names."""
    folders = [path for path in root.iterdir() if path.is_dir() and path.name not in keep]
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)
    return tuple(path.name for path in folders)
