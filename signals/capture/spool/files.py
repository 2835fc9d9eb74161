"""L1: how do sealed records lie on disk? Appended, synced, checked, and cut where they break off.

A segment is a file of records under the key of one day. A record is its magic, length and CRC,
then the sealed bytes. Each process appends to a segment of its own, holding its lock for the
append alone; whoever drains takes the lock, so a segment under way is never taken from its writer.
"""

import fcntl
import os
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import time_ns
from uuid import uuid4

MAGIC = b"NWS1"
HEADER = struct.Struct(">4sII")  # magic, length, CRC-32 of what follows
SUFFIX = ".spool"
SEGMENT_BYTES = 8 * 1024 * 1024
LARGEST_RECORD = 64 * 1024 * 1024
MOST_BYTES = 4 * 1024**3  # of one node; more would take the disk from everything else


class SpoolFullError(OSError):
    """The disk took nothing more; what was begun was cut off again."""


@dataclass(slots=True)
class Writer:
    """The segment this process appends to."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    path: Path | None = None
    pid: int = 0

    def append(self, folder: Path, day: date, sealed: bytes) -> None:
        """Add a record durably. Raises SpoolFullError with nothing added."""
        record = HEADER.pack(MAGIC, len(sealed), zlib.crc32(sealed)) + sealed
        with self.lock:
            if self.pid != os.getpid():  # forked: the segment is the parent's
                self.path, self.pid = None, os.getpid()
            try:
                if not self._append(folder, day, record):
                    self.path = None
                    self._append(folder, day, record)
            except OSError as error:
                self.path = None  # whatever is left of it is read as far as it is whole
                raise SpoolFullError(*error.args) from error

    def _append(self, folder: Path, day: date, record: bytes) -> bool:
        """Append to the segment at hand; False where it is somebody else's by now."""
        fresh = self.path is None or day_of(self.path) != day
        if fresh:
            if size(folder) + len(record) > MOST_BYTES:
                raise OSError("the spool holds as much as it may")
            self.path = _new(folder, day)
        with self._own(fresh=fresh) as handle:
            if handle is None:
                return False
            before = os.fstat(handle).st_size
            _write(handle, record, before)
            if before + len(record) >= SEGMENT_BYTES:
                self.path = None
        return True

    @contextmanager
    def _own(self, *, fresh: bool) -> Iterator[int | None]:
        """Open and lock the segment; None where it is being drained, or was."""
        path = self.path
        if path is None:
            yield None
            return
        flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if fresh else 0)
        try:
            handle = os.open(path, flags, 0o600)
        except FileNotFoundError:
            yield None
            return
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            if fresh:
                _sync_folder(path.parent)
            yield handle if os.fstat(handle).st_nlink else None
        finally:
            os.close(handle)


def _write(handle: int, record: bytes, before: int) -> None:
    try:
        written = 0
        while written < len(record):
            written += os.write(handle, memoryview(record)[written:])
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, before)
            os.fsync(handle)
        raise


def _new(folder: Path, day: date) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{time_ns():020d}.{day.isoformat()}.{uuid4().hex[:8]}{SUFFIX}"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def segments(folder: Path) -> list[Path]:
    """Return the segments of a folder, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def size(folder: Path) -> int:
    """Return how many bytes wait."""
    total = 0
    for path in segments(folder):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def oldest_s(folder: Path, *, at: float) -> float:
    """Return how many seconds before `at` the oldest segment was begun; 0 without one."""
    begun = [int(path.name.split(".")[0]) / 1e9 for path in segments(folder)]
    return max(at - begun[0], 0.0) if begun else 0.0


def day_of(path: Path) -> date:
    """Return the day whose key sealed a segment."""
    return date.fromisoformat(path.name.split(".")[1])


@contextmanager
def only_drainer(folder: Path) -> Iterator[bool]:
    """Let one process of the node drain; True for the one."""
    if not folder.exists():
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)  # no file of its own: the disk may be full
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


@contextmanager
def taken(path: Path) -> Iterator[bytes]:
    """Hold a segment back from its writer and yield its bytes."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path.read_bytes()
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Take a segment off the disk for good."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def records(content: bytes) -> Iterator[bytes | None]:
    """Yield the sealed records of a segment; None where a part is no record and was left out."""
    at = 0
    while at < len(content):
        found = _record(content, at)
        if found is not None:
            at += HEADER.size + len(found)
            yield found
            continue
        yield None
        at = content.find(MAGIC, at + 1)
        if at < 0:
            return


def _record(content: bytes, at: int) -> bytes | None:
    if len(content) - at < HEADER.size:
        return None
    magic, length, checksum = HEADER.unpack_from(content, at)
    sealed = content[at + HEADER.size : at + HEADER.size + length]
    whole = magic == MAGIC and len(sealed) == length and zlib.crc32(sealed) == checksum
    return sealed if whole else None
