"""A node: web workers and a worker in a namespace, with a spool and a snapshot of its own."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

from tests.chaos.product import ASK, Product, children, signalled
from tests.nodes.network import INNER, POSTGRES, VALKEY, Machine
from tests.signals.spool.deployment import ROOT, Ledger

PORT = 8000
READY_S = 90.0


@dataclass
class Node:
    """One machine that runs Northway on servers elsewhere."""

    machine: Machine
    product: Product  # whose database, keys and models it shares
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Return what is this node's alone."""
        return self.product.var / f"node-{self.machine.number}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its processes."""
        database = f"postgresql://northway@{INNER}.1:{POSTGRES}/"
        return {
            **self.product.environment,
            "DATABASE_URL": f"{database}northway",
            "KEYS_URL": f"{database}northway_keys",
            "BROKER_URL": f"redis://{INNER}.1:{VALKEY}/0",
            "CACHE_URL": f"redis://{INNER}.1:{VALKEY}/1",
            "SPOOL_DIR": str(self.folder / "spool"),
            "SNAPSHOT_DIR": str(self.folder / "snapshot"),
            "NORTHWAY_DEBUG": "1",  # keys of the folder that they share
            "ALLOWED_HOSTS": f"{self.machine.address},localhost,127.0.0.1",
        }

    def start(self) -> None:
        """Start everything and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        python = [sys.executable, "-W", "ignore", "-m"]
        web = [*python, "gunicorn", "personalize.wsgi:application", "--workers", "2"]
        web += ["--threads", "4", "--worker-class", "personalize.web.Worker"]
        web += ["--bind", f"{self.machine.address}:{PORT}", "--log-level", "critical"]
        celery = [*python, "celery", "-A", "personalize.celery", "--quiet"]
        worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "error"]
        with (self.folder / "log").open("ab") as log:
            self.processes = [
                subprocess.Popen(  # noqa: S603  our own commands
                    self.machine.inside(command),
                    env=self.environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                )
                for command in (web, worker)
            ]
        self.wait()

    def wait(self) -> None:
        """Wait until ten answers in a row are whole."""
        until, good = monotonic() + READY_S, 0
        while good < 10:
            assert monotonic() < until, (self.folder / "log").read_text()[-3000:]
            good = good + 1 if self.asked(self.product.members[0])[0] == 200 else 0
            sleep(0.05)

    def kill(self) -> None:
        """Kill -9 everything at once, as a machine dies."""
        for process in self.processes:
            signalled(children(process.pid), signal.SIGKILL)
            process.wait(30)
        self.processes = []

    def asked(self, name: str, *, timeout_s: float = 15.0) -> tuple[int, dict[str, object]]:
        """Return status and list; 0 where nobody answered."""
        headers = {"Authorization": f"Bearer {self.product.key}"}
        with (
            suppress(OSError, HTTPException),
            closing(HTTPConnection(self.machine.address, PORT, timeout=timeout_s)) as connection,
        ):
            connection.request("GET", ASK + name, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if answer.status == 200 else {}
        return 0, {}

    def send(self, ledger: Ledger, ids: set[str], body: bytes, *, timeout_s: float = 15.0) -> int:
        """Send a batch once; 0 where nobody answered."""
        headers = {
            "Authorization": f"Bearer {self.product.key}",
            "Content-Type": "application/json",
        }
        status, content = 0, b""
        with (
            suppress(OSError, HTTPException),
            closing(HTTPConnection(self.machine.address, PORT, timeout=timeout_s)) as connection,
        ):
            connection.request("POST", "/signals/v1/batch", body, headers)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        ledger.note(ids, status, content)
        return status

    def waiting(self) -> int:
        """Return how many segments wait on this node's disk."""
        return len(list((self.folder / "spool").glob("*.spool")))


@contextmanager
def started(nodes: list[Node]) -> Iterator[None]:
    """Run nodes and end them."""
    try:
        for node in nodes:
            node.start()
        yield
    finally:
        for node in nodes:
            node.kill()


def hidden_everywhere_s(product: Product, nodes: list[Node], course: str, name: str) -> float:
    """Hide a course and return how long it was still shown by any node, in seconds."""
    text = (
        "from datetime import timedelta; from django.utils.timezone import now;"
        "from personalize import api; from personalize.data import Change, NewOverride;"
        "from signals import catalogue; from signals.data import SYSTEM; import sys;"
        f"c=next(i for i, x in catalogue.courses().items() if x.external_id == {course!r});"
        "api.create_override(SYSTEM, NewOverride(course_id=c, change=Change.HIDE, reason='x',"
        " starts_at=now(), ends_at=now()+timedelta(days=1)), now=now());"
        "import time; print(time.clock_gettime(time.CLOCK_MONOTONIC))"
    )
    last, over = [0.0] * len(nodes), threading.Event()

    def look(number: int) -> None:
        while not over.wait(0.02):
            begun = monotonic()  # of the request: what it saw was so after that
            _status, told = nodes[number].asked(name)
            items = told.get("items", [])
            assert isinstance(items, list)
            if any(item["course"] == course for item in items):
                last[number] = begun

    threads = [threading.Thread(target=look, args=(number,)) for number in range(len(nodes))]
    for thread in threads:
        thread.start()
    published = float(product.manage("shell", "--no-imports", "-c", text).split()[-1])
    over.wait(max(0.0, published + 5 - monotonic()))
    over.set()
    for thread in threads:
        thread.join(30)
    assert all(last), "it was never shown, so that nothing was hidden"
    return max(last) - published
