"""Starts the web server that is measured: gunicorn with the settings of the benchmarks."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from django.conf import settings

from benchmarks.load import Connection
from personalize import local

READY_S = STOP_S = 120.0
STARTED: dict[str, int] = {}  # process ids by what they are, for who watches them


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(*, workers: int = 2, threads: int = 8) -> Iterator[int]:
    """Run gunicorn and yield its port; its log goes to standard error, its end is waited for."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "personalize.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
    command += [
        "--worker-class",
        "personalize.web.Worker",
        "--keep-alive",
        "30",
        "--log-level",
        "warning",
    ]
    process = subprocess.Popen(command, env=_environment())  # noqa: S603  our own server
    STARTED["web"] = process.pid
    try:
        _wait_until_ready(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)


@contextmanager
def clock_and_worker(folder: Path) -> Iterator[None]:
    """Run the clock with every schedule, and a worker of two processes; they tell errors only."""
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "personalize.celery", "--quiet"]
    commands = {
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "error"],
        "beat": [*celery, "beat", "--loglevel", "error", "--pidfile", ""],
    }
    commands["beat"] += ["--schedule", str(folder / "beat")]
    running = {
        name: subprocess.Popen(command, env=_environment(), cwd=settings.BASE_DIR)  # noqa: S603  our own
        for name, command in commands.items()
    }
    STARTED.update({name: process.pid for name, process in running.items()})
    try:
        yield
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait(STOP_S)


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        **local.urls(),
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "OPENBLAS_NUM_THREADS": "1",
        # As deployed: what debugging costs is not what is measured.
        "NORTHWAY_DEBUG": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "MASTER_KEY": settings.MASTER_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
    }


def _wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = monotonic() + READY_S
    while monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the web server stopped at once; its message is above")
        with suppress(OSError):  # not listening yet, or still loading
            connection = Connection(port)
            status, _ = connection.get("/hello/")
            connection.close()
            if status == 200:
                return
        sleep(0.1)
    raise RuntimeError(f"the web server was not ready after {READY_S:.0f} s")
