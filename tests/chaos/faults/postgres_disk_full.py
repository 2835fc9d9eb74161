"""The disk that PostgreSQL writes to is full: rows and write-ahead log alike."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from personalize import local
from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS, Product, children, signalled

TITLE = "disk of PostgreSQL full for 10 s"
NEEDS_ROOT = True
FULL_S = 10.0
ROOM_BYTES = 1_000_000_000  # beside its data: what waited is written to the log twice over
REFUSED = b"No space left on device"
LOOKS_S = 0.1  # between two looks for room that was given back


def strike(scene: Scene) -> None:
    """Move its files to a small file system, fill that, and make room again; nobody helps it up."""
    product = scene.product
    with _on_a_small_disk(product) as data:
        product.recovered()
        log = data.with_name("server.log")
        said = log.stat().st_size
        ballast = data / "ballast"
        until = monotonic() + FULL_S
        with ballast.open("ab") as file:
            while monotonic() < until:
                _fill(file.fileno(), data)
                sleep(LOOKS_S)
        with log.open("rb") as file:
            file.seek(said)
            failed = REFUSED in file.read()
        ballast.unlink()
        product.recovered()
    if not failed:
        scene.notes.append("PostgreSQL never lacked room")


@contextmanager
def _on_a_small_disk(product: Product) -> Iterator[Path]:
    """Let PostgreSQL work on a file system of its own, and bring what it wrote back."""
    data = product.postgres_data()
    kept = data.with_name("kept")
    with product.holding(SERVERS):
        _killed(product)
        used = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
        data.rename(kept)
        data.mkdir(mode=0o700)
        _run("mount", "-t", "tmpfs", "-o", f"size={used + ROOM_BYTES},mode=0700", "tmpfs", data)
        _run("cp", "-a", f"{kept}/.", data)
    try:
        yield data
    finally:
        with product.holding(SERVERS):
            _killed(product)
            shutil.rmtree(kept)
            _run("cp", "-a", data, kept)
            _run("umount", "--lazy", data)
            data.rmdir()
            kept.rename(data)


def _killed(product: Product) -> None:
    """Kill all of it at once and wait until nobody writes any more."""
    pid = local.status(product.var)["postgres"]
    processes = children(pid) if pid else []
    signalled(processes, signal.SIGKILL)
    while any(Path(f"/proc/{one}/cwd").exists() for one in processes):
        sleep(LOOKS_S)


def _fill(file: int, folder: Path) -> None:
    disk = os.statvfs(folder)
    room = disk.f_bavail * disk.f_frsize
    if room:
        with suppress(OSError):  # PostgreSQL was quicker
            os.posix_fallocate(file, os.fstat(file).st_size, room)


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)  # noqa: S603  of our own files; needs root
