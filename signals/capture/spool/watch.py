"""L1: who notices that PostgreSQL is back? One thread of each process that captures.

It asks twice a second while PostgreSQL is away, empties the spool once it answers, and keeps the
node's card fresh. Nothing runs inside a transaction of a caller.
"""

import logging
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import psycopg
from django.db import Error, connection, connections

from signals import sealing
from signals.capture.spool import away, card, files
from signals.capture.spool.drain import drain
from signals.clock import now

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

PROBE_S = 0.5
TEND_S = 5.0
PROBE_TIMEOUT_S = 2
STOPPED_WITHIN_S = 5.0
NAMES = ("default", sealing.KEYS)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Thread:
    lock: threading.Lock = field(default_factory=threading.Lock)
    wake: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    pid: int = 0

    def runs(self) -> bool:
        return self.pid == os.getpid() and self.thread is not None and self.thread.is_alive()

    def start(self) -> None:
        if self.runs() or connection.in_atomic_block:
            return
        with self.lock:
            if not self.runs():
                # An event of its own: a thread that was told to stop stays told.
                self.stopping = threading.Event()
                thread = threading.Thread(
                    target=_run, args=(self.stopping,), name="northway-spool", daemon=True
                )
                thread.start()
                self.thread, self.pid = thread, os.getpid()

    def stop(self) -> None:
        with self.lock:
            thread, self.thread = self.thread, None
            if thread is None or self.pid != os.getpid():
                return
            self.stopping.set()
        self.wake.set()
        thread.join(timeout=STOPPED_WITHIN_S)


_thread = _Thread()


def tend() -> None:
    """Make sure that this process keeps the node's card fresh and empties the spool."""
    _thread.start()


def stop() -> None:
    """Let the thread end; the next capture starts another."""
    _thread.stop()


def failed(error: Exception) -> None:
    """Take note that PostgreSQL is away; the thread finds out when it is back."""
    if away.waits_alone(error):
        log.warning("Events wait on disk, a statement waited too long: %s", error)
    else:
        if not away.is_away():
            log.warning("Events wait on disk, PostgreSQL is away: %s", error)
        away.note()
    _thread.start()
    _thread.wake.set()


def look() -> None:
    """Do what the thread does: see whether PostgreSQL answers, keep the card, empty the spool.

    Raises django.db.Error or OSError where that cannot be done.
    """
    if away.is_away():
        if not _answers():
            away.note()
            return
        for name in NAMES:  # a pool that lost its server waits ever longer before it tries again
            wrapper = cast("DatabaseWrapper", connections[name])
            wrapper.close()
            wrapper.close_pool()
        away.forget()
    if files.segments(card.folder()):  # first: a full disk has room for a card after it
        drained = drain(now=now())
        log.warning("Out of the spool: %s", drained)
    card.write_when_due(now=now())


def _run(stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            look()
        except (Error, OSError) as error:
            log.warning("The spool is looked after again soon: %s", error)
        except Exception:
            log.exception("The spool is looked after again soon")
        for name in NAMES:
            connections[name].close()
        if away.is_away():
            stopping.wait(PROBE_S)
        else:
            _thread.wake.wait(TEND_S)
        _thread.wake.clear()


def _answers() -> bool:
    """Say whether both databases take a new connection and answer on it."""
    try:
        for name in NAMES:
            parameters = connections[name].get_connection_params()
            parameters["connect_timeout"] = PROBE_TIMEOUT_S
            with psycopg.connect(**parameters) as probe:
                probe.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
