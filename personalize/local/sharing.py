"""Who starts and stops the servers where several programs use them at once?"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from personalize.local.ending import terminations_unwind, uninterrupted
from personalize.local.place import LocalServerError, Place, place_of, prepare, urls
from personalize.local.postgres import Postgres
from personalize.local.processes import Server
from personalize.local.valkey import Valkey

ALL: tuple[type[Server], ...] = (Postgres, Valkey)


@dataclass(frozen=True)
class Servers:
    """The URLs to use, and the names of the servers this call started."""

    urls: dict[str, str]
    started: tuple[str, ...]


def wanted() -> tuple[type[Server], ...]:
    """The servers the environment leaves to us: none for an URL that it sets."""
    postgres = () if _named("DATABASE_URL") else (Postgres,)
    both = _named("BROKER_URL") and _named("CACHE_URL")
    return (*postgres, *(() if both else (Valkey,)))


def _named(url: str) -> bool:
    return bool(os.environ.get(url) or os.environ.get(f"{url}_FILE"))


def _refuse_in_production() -> None:
    if os.environ.get("NORTHWAY_DEBUG", "1").strip().lower() in {"0", "false", "no", "off"}:
        raise LocalServerError(
            "NORTHWAY_DEBUG is off, and the embedded servers are for development only. Set "
            "DATABASE_URL, KEYS_URL, BROKER_URL and CACHE_URL to servers of your own."
        )


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """One launcher at a time per folder; the kernel drops the lock with the process."""
    try:
        place.var.mkdir(parents=True, exist_ok=True)
        lock = (place.var / "launcher.lock").open("a")
    except PermissionError as error:
        raise LocalServerError(
            f"{place.var} belongs to another user. Run as that user, or set NORTHWAY_VAR to a "
            "folder of your own."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept(server: Server, place: Place) -> Path:
    """The mark of a server that `start` started: it runs until `stop`."""
    return place.var / f"{server.name}.kept"


def _start_missing(place: Place, *, keep: bool, durable: bool) -> Servers:
    started: list[str] = []
    for server in (kind(place) for kind in wanted()):
        if server.pid() is None:
            _refuse_in_production()
            prepare(place)
            _kept(server, place).unlink(missing_ok=True)
            server.start(durable=durable)
            started.append(server.name)
        if keep:
            _kept(server, place).touch()
    return Servers(urls=urls(place.var), started=tuple(started))


def start(var: Path | None = None, *, durable: bool = True) -> Servers:
    """Start what is not running; it runs until `stop`, across processes.

    `durable=False` switches fsync off, for clusters that are thrown away.
    """
    place = place_of(var)
    with _alone(place):
        return _start_missing(place, keep=True, durable=durable)


def stop(var: Path | None = None) -> tuple[str, ...]:
    """Stop both servers cleanly; returns the names of those that ran."""
    place = place_of(var)
    stopped: list[str] = []
    if not place.var.exists():
        return ()
    with _alone(place):
        for server in (kind(place) for kind in ALL):
            if server.pid() is not None:
                server.stop()
                stopped.append(server.name)
            _kept(server, place).unlink(missing_ok=True)
    return tuple(stopped)


def status(var: Path | None = None) -> dict[str, int | None]:
    """The process number of each server, None where it does not run."""
    place = place_of(var)
    return {server.name: server.pid() for server in (kind(place) for kind in ALL)}


def remove(var: Path | None = None) -> None:
    """Stop both servers and delete their data; other content of NORTHWAY_VAR stays."""
    place = place_of(var)
    stop(place.var)
    for folder in (place.home / "postgres", place.home / "valkey", place.home / "install"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in {place.sockets, place.sockets.parent, place.home} - {place.var}:
        shutil.rmtree(folder, ignore_errors=True)
    (place.var / "place.json").unlink(missing_ok=True)


def _leave(place: Place, users: IO[str]) -> None:
    """The last one out stops what nobody asked to keep."""
    with _alone(place):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for server in (kind(place) for kind in wanted()):
            if not _kept(server, place).exists():
                server.stop()


def in_use(var: Path | None = None) -> bool:
    """Say whether a program is inside `servers()` just now."""
    users = place_of(var).var / "users.lock"
    if not users.exists():
        return False
    with users.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def servers(var: Path | None = None, *, durable: bool = True) -> Iterator[Servers]:
    """Both servers running for the length of a block, also when SIGTERM or Ctrl-C ends it."""
    place = place_of(var)
    if not wanted():
        yield Servers(urls=urls(place.var), started=())
        return
    with terminations_unwind():
        place.var.mkdir(parents=True, exist_ok=True)
        with (place.var / "users.lock").open("a") as users:
            try:
                with _alone(place):
                    fcntl.flock(users, fcntl.LOCK_SH)
                    running = _start_missing(place, keep=False, durable=durable)
                yield running
            finally:
                with uninterrupted():
                    _leave(place, users)
