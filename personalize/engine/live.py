"""Which version should serve? (L3) One small file in the models folder, so no SQL a request.

Web processes of every node look at `live.json` beside the models: two system calls a request, and
it still answers when the database is away. The row in PostgreSQL is the truth; this file follows.
"""

import os
from pathlib import Path

import msgspec

from personalize.engine.artifacts import write_durably

POINTER = "live.json"

Stamp = tuple[int, int]


class _Pointer(msgspec.Struct, frozen=True):
    version: str


def stamp(root: Path) -> Stamp | None:
    """Return what changes with every announcement, None where none was made."""
    try:
        status = (root / POINTER).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def announced(root: Path) -> str | None:
    """Return the announced version, None where none was made or the file cannot be read."""
    try:
        return msgspec.json.decode((root / POINTER).read_bytes(), type=_Pointer).version
    except (OSError, ValueError):
        return None


def announce(root: Path, version: str) -> None:
    """Point every process at a version; writing the same version again changes nothing."""
    if announced(root) == version:
        return
    root.mkdir(parents=True, exist_ok=True)
    unfinished = root / f"{POINTER}.{os.getpid()}"
    write_durably(unfinished, msgspec.json.encode(_Pointer(version)))
    unfinished.rename(root / POINTER)
