"""Which versions should serve, and to whom? (L3) One small file, so no SQL a request.

Web processes of every node look at `live.json` beside the models: two system calls a request, and
it still answers when the database is away. The rows in PostgreSQL are the truth; this file follows.
"""

import os
from pathlib import Path

import msgspec

from personalize.engine.artifacts import write_durably

POINTER = "live.json"

Stamp = tuple[int, int]


class Pointer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What serves whom: the live version, but for the canary's share and arms of experiments."""

    version: str
    canary: str = ""  # empty: none
    share: float = 0.0  # of learners, who see the canary
    arms: dict[str, str] = {}  # arm of an experiment -> the version whoever is in it sees
    withdrawn: tuple[str, ...] = ()  # taken back after learners saw them: no list of theirs again


def stamp(root: Path) -> Stamp | None:
    """Return what changes with every announcement, None where none was made."""
    try:
        status = (root / POINTER).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def read(root: Path) -> Pointer | None:
    """Return what was announced, None where nothing was or the file cannot be read."""
    try:
        return msgspec.json.decode((root / POINTER).read_bytes(), type=Pointer)
    except (OSError, ValueError):
        return None


def announced(root: Path) -> str | None:
    """Return the version announced as live, None where none was."""
    pointer = read(root)
    return pointer.version if pointer else None


def withdrawn(root: Path, version: str) -> bool:
    """Say whether a version was taken back, so that no earlier list of it may be shown again."""
    pointer = read(root)
    return pointer is not None and version in pointer.withdrawn


def announce(root: Path, version: str) -> None:
    """Point every process at one version and no other."""
    write(root, Pointer(version=version))


def write(root: Path, pointer: Pointer) -> None:
    """Point every process at these; writing the same again changes nothing."""
    if read(root) == pointer:
        return
    root.mkdir(parents=True, exist_ok=True)
    unfinished = root / f"{POINTER}.{os.getpid()}"
    write_durably(unfinished, msgspec.json.encode(pointer))
    unfinished.rename(root / POINTER)
