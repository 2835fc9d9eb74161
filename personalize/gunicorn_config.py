"""How does gunicorn serve Northway? `gunicorn --config python:personalize.gunicorn_config ...`

Threads, since requests wait for PostgreSQL; nothing is preloaded, so that each worker has threads
and connections of its own. Counters of all workers of a node lie in one folder, so that whichever
of them answers /metrics tells of all. Nothing is cleared there while the node runs: a sum that
falls looks like a restart, and would count everything twice.
"""

import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import values

bind = os.environ.get("NORTHWAY_BIND", "127.0.0.1:8000").split(",")
worker_class = "personalize.web.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30  # seconds without a sign of life after which a worker is replaced
graceful_timeout = 20  # longer than the longest answer
keepalive = 75  # longer than the proxy keeps an idle connection, so that the proxy ends it
max_requests = 200_000  # what a library leaks goes with its worker
max_requests_jitter = 20_000
umask = int(os.environ.get("NORTHWAY_UMASK", "007"), 8)  # the proxy is in the socket's group
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "personalize.operations.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
}

# A name of our own: commands that are given the same environment keep no counters.
_named = os.environ.get("NORTHWAY_METRICS_DIR")
_folder = _named or tempfile.mkdtemp(prefix="northway-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _folder


def _who() -> str:
    """Name a process: containers that share the folder have process numbers of their own."""
    return f"{socket.gethostname().replace('_', '-')}-{os.getpid()}"


# The package has no types.
values.ValueClass = values.MultiProcessValue(process_identifier=_who)  # type: ignore[no-untyped-call]


def on_starting(_server: Any) -> None:
    """Make the folder of counters where it was named and is not there."""
    Path(_folder).mkdir(parents=True, exist_ok=True, mode=0o700)


def on_exit(_server: Any) -> None:
    """Leave nothing behind that nobody named."""
    if not _named:
        shutil.rmtree(_folder, ignore_errors=True)
