"""Which work may not hold a request up? (L4) Repeated in one thread of its own per process.

Threads start with the first request that needs them, so that a forking server, a command or a
test never inherits one. Inside an open transaction nothing is handed to a thread: what a caller
writes there must be kept or rolled back with the rest.
"""

import atexit
import logging
import os
import threading
from collections.abc import Callable

from django.db import DatabaseError, connection

log = logging.getLogger(__name__)


class Repeated:
    """Work that a thread repeats; it runs once more when the process ends."""

    def __init__(self, work: Callable[[], object], *, every_s: float, name: str) -> None:
        """Keep what to do; nothing runs before `start`."""
        self._work = work
        self._every_s = every_s
        self._name = name
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def start(self) -> None:
        """Make sure that the thread of this process runs."""
        if self.runs():
            return
        with self._lock:
            if self.runs():
                return
            # An event of its own: a thread that was told to stop stays told.
            self._stopping = threading.Event()
            thread = threading.Thread(
                target=self._run, args=(self._stopping,), name=self._name, daemon=True
            )
            thread.start()
            self._thread, self._pid = thread, os.getpid()
            atexit.register(self.stop)

    def runs(self) -> bool:
        """Say whether the thread of this process runs."""
        thread = self._thread
        return self._pid == os.getpid() and thread is not None and thread.is_alive()

    def stop(self) -> None:
        """Let the thread finish its work once more, and wait for it."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None or self._pid != os.getpid():
                return
            self._stopping.set()
        self._wake.set()
        thread.join(timeout=5)

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._wake.wait(self._every_s)
            self._wake.clear()
            self._once()
        self._once()
        connection.close()

    def _once(self) -> None:
        try:
            self._work()
        except (DatabaseError, OSError) as error:
            log.warning("%s failed and will be repeated: %s", self._name, error)
            connection.close()
        except Exception:
            log.exception("%s failed and will be repeated", self._name)
            connection.close()


def allowed_here() -> bool:
    """Say whether work may be left to a thread: not inside an open transaction."""
    return not connection.in_atomic_block
