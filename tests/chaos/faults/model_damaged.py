"""The files of the live model are cut off, altered, filled with what is no number, or gone."""

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import sleep

import numpy as np

from tests.chaos.faults.base import Scene

TITLE = "live model cut off, altered, not a number, of another version, gone"
HANGS_UP = True  # workers are killed, so that they read it anew


def strike(scene: Scene) -> None:
    """Damage it in five ways, each time with workers that must read it; then put it back."""
    folder = scene.product.models / scene.product.live()
    kept = folder.with_name(f".{folder.name}.kept")
    shutil.copytree(folder, kept)
    try:
        for damage in (_cut, _altered, _no_number, _of_another_version, _gone):
            _done_to(folder, damage)
            for worker in scene.product.workers():
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            scene.product.settled()
            sleep(1)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(kept, folder)
    finally:
        shutil.rmtree(kept)
    sleep(1)


def _done_to(folder: Path, damage: Callable[[Path, Path], None]) -> None:
    largest = max(folder.glob("*.npy"), key=lambda path: path.stat().st_size)
    damage(folder, largest)


def _cut(_folder: Path, array: Path) -> None:
    array.write_bytes(array.read_bytes()[:-64])


def _altered(_folder: Path, array: Path) -> None:
    content = bytearray(array.read_bytes())
    content[-1] ^= 0x40
    array.write_bytes(bytes(content))


def _no_number(_folder: Path, array: Path) -> None:
    held = np.load(array)
    np.save(array, np.full_like(held, np.nan) if held.dtype.kind == "f" else held[::-1])


def _of_another_version(folder: Path, _array: Path) -> None:
    card = folder / "card.json"
    card.write_text(card.read_text().replace(folder.name, "20200101-000000"))


def _gone(folder: Path, _array: Path) -> None:
    shutil.rmtree(folder)
