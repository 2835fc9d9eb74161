"""Which database do the tests use? A throw-away one of this session, started before Django.

Loaded by `-p tests.servers`. The process that runs the session names a temporary NORTHWAY_VAR
and starts the servers in it; workers of pytest-xdist inherit the name and start nothing.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import pytest

WORKER = "PYTEST_XDIST_WORKER" in os.environ
ROOT = Path(__file__).resolve().parent.parent

MEMORY = Path("/dev/shm")  # noqa: S108  a private folder is made in it
MEMORY_NEEDED_BYTES = 2_000_000_000


def _parent() -> str | None:
    """Memory where there is plenty: creating a cluster takes 0.6 s there, 2 s on a slow disk."""
    if not os.access(MEMORY, os.W_OK):
        return None
    found = os.statvfs(MEMORY)
    roomy = found.f_bavail * found.f_frsize > MEMORY_NEEDED_BYTES
    return str(MEMORY) if roomy and not found.f_flag & os.ST_NOEXEC else None


os.environ["OPENBLAS_NUM_THREADS"] = "1"
if not WORKER:
    os.environ["NORTHWAY_VAR"] = tempfile.mkdtemp(prefix="northway-test-", dir=_parent())
    # The folders of tests lie there too: an fsync costs nothing in memory.
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["NORTHWAY_VAR"]

from personalize import local  # noqa: E402  it reads NORTHWAY_VAR when it is imported

# Reads until the session's end of a pipe closes, which even kill -9 brings about.
GUARD = 'read -r _; "$1" -m personalize.local remove; rm -rf "$NORTHWAY_VAR"'


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _guard() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  a fixed text, and this interpreter
        ["/bin/sh", "-c", GUARD, "guard", sys.executable],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=ROOT,
    )


def _release(guard: "subprocess.Popen[bytes]") -> None:
    """The clean end: nothing is left for the guard to do."""
    guard.kill()
    guard.communicate()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    if not WORKER:
        var = Path(os.environ["NORTHWAY_VAR"])
        var.chmod(0o755)  # as root the servers run as another user
        stack = ExitStack()
        early_config.add_cleanup(stack.close)
        stack.callback(shutil.rmtree, var, ignore_errors=True)
        stack.callback(_release, _guard())
        signal.signal(signal.SIGTERM, _interrupt)
        stack.callback(local.remove)
        stack.enter_context(local.servers(durable=False))
    yield
