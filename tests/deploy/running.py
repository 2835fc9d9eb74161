"""A deployment that runs: the services of the compose file as processes, and clients who count."""

import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psycopg

from personalize import local
from personalize.operations.probe import status
from tests.deploy.production import HOST, ROOT, compose, environment

READY_S = 240.0  # a crowded machine imports slowly


def until(holds: Callable[[], bool], what: str, *, seconds: float = READY_S) -> None:
    """Wait until something holds."""
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, f"{what} did not happen in {seconds:.0f} s"
        sleep(0.1)


@dataclass
class Deployed:
    """A folder with servers of its own, and the services started in it."""

    folder: Path
    urls: dict[str, str]
    services: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """Return where a web process listens."""
        return f"unix:{self.folder}/run/northway/{name}.sock"

    def run(self, *words: str, **more: str) -> str:
        """Run a program of the product to its end, as the service `release` would."""
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=environment(self.folder, self.urls) | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
        return done.stdout

    def start(self, name: str, *, title: str = "", **more: str) -> None:
        """Start a service by the command the compose file gives it."""
        command = compose()["services"][name]["command"]
        with (self.folder / f"{title or name}.log").open("ab") as log:
            self.services[title or name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(self.folder, self.urls, name) | more,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ready(self, name: str) -> bool:
        """Say whether a web process answers /readyz; fail where it has ended."""
        ended = self.services[name].poll()
        assert ended is None, self.log(name)
        os.environ["ALLOWED_HOSTS"] = HOST
        return status(self.address(name), "/readyz") == 200

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """End a service, and wait for it."""
        process = self.services.pop(name)
        process.send_signal(number)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> str:
        """Return the end of what a service wrote."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def asked(self, statement: str) -> list[tuple[object, ...]]:
        """Return what the database answers."""
        with psycopg.connect(self.urls["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()


@contextmanager
def deployed(folder: Path, **urls: str) -> Iterator[Deployed]:
    """Run PostgreSQL and Valkey of its own below a folder; stop all that was started."""
    with ExitStack() as stack:
        started = local.start(folder / "servers", durable=False)
        stack.callback(local.remove, folder / "servers")
        here = Deployed(folder, {**started.urls, **urls})
        try:
            yield here
        finally:
            for name in list(here.services):
                here.stop(name)


@dataclass
class Clients:
    """Clients who ask one thing again and again, and count how they are answered."""

    ask: Callable[[int, int], int]  # (client, number) -> status, 0 for none
    answers: Counter[int] = field(default_factory=Counter)
    slowest_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def _one(self, client: int) -> None:
        number = 0
        while not self._over.is_set():
            begun = monotonic()
            found = self.ask(client, number)
            with self._lock:
                self.answers[found] += 1
                self.slowest_s = max(self.slowest_s, monotonic() - begun)
            number += 1
            self._over.wait(0.05)

    @contextmanager
    def asking(self, clients: int) -> Iterator[None]:
        """Let them ask while the block runs."""
        threads = [threading.Thread(target=self._one, args=(n,)) for n in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join(120)
