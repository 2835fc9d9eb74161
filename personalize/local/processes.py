"""How is a server's process started, recognized and waited for?"""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from personalize.local.place import LocalServerError, Place, server_ids

READY_TIMEOUT_S = 120  # recovery after a crash replays at most max_wal_size
STOP_TIMEOUT_S = 60
LOG_LIMIT_BYTES = 5_000_000


class Server(Protocol):
    """What the launcher asks of PostgreSQL and of Valkey alike."""

    name: str

    def __init__(self, place: Place) -> None: ...
    def pid(self) -> int | None: ...
    def start(self, *, durable: bool) -> None: ...
    def stop(self) -> None: ...


def process_options(place: Place) -> dict[str, Any]:
    """A clean environment (no PG* variable leaks in), no inherited terminal, no root."""
    options: dict[str, Any] = {
        "env": {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(place.home)},
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
        "umask": 0o077,
    }
    ids = server_ids(place)
    if ids:
        options |= {"user": ids[0], "group": ids[1], "extra_groups": []}
    return options


def works_in(pid: int, folder: Path, program: str) -> bool:
    """Whether `pid` is our server: alive, and working in its data folder. A number alone
    proves nothing after a crash, because the kernel hands it to another process."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder
        except OSError:
            return False
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True)
    return program in shown.stdout


def wait_gone(alive: Callable[[], object], pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive():
        with suppress(ChildProcessError):  # reap it where this process started it
            os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return True


def _log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def launch(
    argv: Sequence[str | Path], place: Place, log: Path, ready: Callable[[int], bool]
) -> str | None:
    """Start a server and wait for it; None when ready, else what it wrote before it gave up."""
    with _log(log) as output:
        begin = output.tell()
        try:
            process = subprocess.Popen(
                argv,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                **process_options(place),
            )
        except (PermissionError, subprocess.SubprocessError) as error:
            raise LocalServerError(cannot_run(argv[0], error)) from error
    deadline = time.monotonic() + READY_TIMEOUT_S
    try:
        while not ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                return log.read_bytes()[begin:].decode(errors="replace")[-2000:] or "no output"
            time.sleep(0.01)
        process.returncode = 0  # it outlives this object on purpose: no ResourceWarning
        return None
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


def cannot_run(program: object, error: object) -> str:
    return (
        f"{program} cannot be started ({error}). Run as another user, or set DATABASE_URL, "
        "KEYS_URL, BROKER_URL and CACHE_URL to servers of your own."
    )
