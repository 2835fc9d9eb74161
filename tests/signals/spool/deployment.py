"""A deployment of its own to be hurt: servers, two web workers, and clients that keep a ledger."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import psycopg

from personalize import local
from tests.factories import moment

ROOT = Path(__file__).resolve().parents[3]
READY_S = 240.0  # a crowded machine imports slowly
EVENTS = 20  # a batch
CLIENTS = 4


@dataclass
class Ledger:
    """What clients sent, and what they were promised."""

    sent: set[str] = field(default_factory=set)
    acked: set[str] = field(default_factory=set)
    spooled: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, ids: set[str], status: int, body: bytes) -> None:
        """Take down an answer; 0 stands for none at all."""
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 200:
                counts = json.loads(body)
                assert counts["errors"] == []
                self.acked |= ids
                self.spooled += counts.get("spooled", 0)


@dataclass
class Deployment:
    """Northway with servers of its own under a folder."""

    var: Path
    port: int = 0
    key: str = ""
    web: "subprocess.Popen[bytes] | None" = None
    environment_more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its processes: nothing of the tests' own servers."""
        mine = ("DATABASE_URL", "KEYS_URL", "BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in mine}
        own = {"NORTHWAY_VAR": str(self.var), "OPENBLAS_NUM_THREADS": "1"}
        return {**kept, **own, **self.environment_more}

    def manage(self, *arguments: str) -> str:
        """Run a command and return what it printed."""
        command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
        done = subprocess.run(  # noqa: S603  our own commands
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start_web(self) -> None:
        """Start two workers and wait until they answer."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "personalize.wsgi:application"]
        command += ["--workers", "2", "--threads", "4", "--worker-class", "personalize.web.Worker"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--log-level", "critical"]
        with (self.var / "web.log").open("ab") as log:
            self.web = subprocess.Popen(  # noqa: S603  our own server
                command, env=self.environment, cwd=ROOT, stderr=log
            )
        until = monotonic() + READY_S
        while monotonic() < until:
            with suppress(OSError, HTTPException):
                if self.send(Ledger(), set(), b'{"batch":[]}') == 200:
                    return
            sleep(0.1)
        raise AssertionError("the web server was not ready in time")

    def settled(self) -> None:
        """Wait until both workers take requests again: ten answers in a row."""
        until, answers = monotonic() + READY_S, 0
        while answers < 10:
            assert monotonic() < until, "the web server does not answer"
            answers = answers + 1 if self.send(Ledger(), set(), b'{"batch":[]}') == 200 else 0

    def stop_web(self) -> None:
        """Stop the workers."""
        if self.web is not None:
            self.web.send_signal(signal.SIGTERM)
            self.web.wait(60)

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        assert self.web is not None
        pid = self.web.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_postgres(self) -> None:
        """Kill -9 the postmaster, and see it gone."""
        [first, *_] = (self._home() / "data" / "postmaster.pid").read_text().splitlines()
        pid = int(first)
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        while Path(f"/proc/{pid}").exists():
            sleep(0.01)

    def postgres_data(self) -> Path:
        """Return the folder of PostgreSQL's own files."""
        return self._home() / "data"

    def _home(self) -> Path:
        place = json.loads((self.var / "place.json").read_text())
        return Path(place["home"]) / "postgres"

    def start_postgres(self) -> None:
        """Start what is not running."""
        until = monotonic() + READY_S
        while True:
            try:
                local.start(self.var)
            except (local.LocalServerError, OSError):
                if monotonic() > until:
                    raise
                sleep(0.2)
            else:
                return

    def send(self, ledger: Ledger, ids: set[str], body: bytes) -> int:
        """Send a batch once; return the status, 0 where there was no answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        status, content = 0, b""
        with (
            suppress(OSError, HTTPException),
            closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection,
        ):
            connection.request("POST", "/signals/v1/batch", body, headers)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        ledger.note(ids, status, content)
        return status

    def stored(self) -> list[str]:
        """Return the id of every stored event."""
        with psycopg.connect(local.urls(self.var)["DATABASE_URL"]) as connection:
            return [str(found) for (found,) in connection.execute("SELECT id FROM signals_event")]

    def waiting(self) -> int:
        """Return how many segments wait on disk."""
        return len(list((self.var / "spool").glob("*.spool")))

    @contextmanager
    def clients(self, ledger: Ledger, *, resend: bool = True) -> Iterator[None]:
        """Let clients send while the block runs; each sends a batch until it is acknowledged."""
        over = threading.Event()
        threads = [
            threading.Thread(target=self._client, args=(ledger, over, n, resend))
            for n in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(60)

    def _client(self, ledger: Ledger, over: threading.Event, number: int, resend: bool) -> None:
        while not over.is_set():
            events = [_event(number, n) for n in range(EVENTS)]
            ids = {str(event["id"]) for event in events}
            with ledger.lock:
                ledger.sent |= ids
            body = json.dumps({"batch": events}).encode()
            while self.send(ledger, ids, body) != 200 and resend and not over.is_set():
                over.wait(0.2)
            over.wait(0.02)

    def drained(self) -> None:
        """Wait until nothing waits on disk."""
        until = monotonic() + READY_S
        while self.waiting():
            assert monotonic() < until, (self.var / "web.log").read_text()[-3000:]
            sleep(0.1)


def _event(client: int, n: int) -> dict[str, object]:
    event: dict[str, object] = {
        "id": str(uuid4()),
        "learner": f"learner-{client}-{n}",
        "occurred_at": moment(minutes=1).isoformat(),
    }
    if n % 2:
        return {**event, "kind": "order.paid", "value": 5, "context": {"currency": "EUR"}}
    return {**event, "kind": "search.performed", "value": 3, "context": {"query": f"wish {n}"}}


@contextmanager
def deployed(var: Path) -> Iterator[Deployment]:
    """Run a deployment and take it away again."""
    deployment = Deployment(var)
    try:
        local.start(var)
        deployment.manage("migrate", "-v", "0")
        deployment.manage("migrate", "--database", "keys", "-v", "0")
        words = deployment.manage("create_key", "lms", "--scopes", "capture").split()
        [deployment.key] = [word for word in words if word.startswith("nw_")]
        deployment.start_web()
        yield deployment
    finally:
        deployment.stop_web()
        local.remove(var)
