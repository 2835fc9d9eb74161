"""What is hurt: a whole deployment with a live model, a worker, a clock, and a supervisor.

The supervisor is what systemd is in production: it starts again what died, and does nothing else.
Whoever strikes asks it to hold back where the fault is that something stays away.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import psycopg
import redis

from demo import catalogue
from demo.lab import days
from demo.lab.events import Kind
from demo.lab.shelves import catalogue as shelves
from personalize import local
from tests.chaos.answers import Answers
from tests.factories import moment
from tests.signals.spool.deployment import ROOT, Deployment, Ledger

SERVERS, WEB, JOBS = "servers", "web", "jobs"
LEARNERS, DAYS = 400, 30
ASKING = 40  # learners whose lists are asked for
BACK_S = 120.0  # until all answers again; a crash of PostgreSQL is replayed first
LOOKS_S = 0.5  # between two looks of the supervisor
PAUSE_S = 0.02
ASK = "/personalize/v1/recommendations?surface=home&learner="


@dataclass
class Product(Deployment):
    """Northway as it is deployed, with a live model and learners who have a history."""

    members: tuple[str, ...] = ()
    jobs: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def models(self) -> Path:
        """Return the folder of models."""
        return self.var / "models"

    def database(self, name: str = "DATABASE_URL") -> "psycopg.Connection[tuple[object, ...]]":
        """Return a connection of one's own."""
        return psycopg.connect(local.urls(self.var)[name], autocommit=True)

    def cache(self) -> redis.Redis:
        """Return the cache, which is the broker as well."""
        return redis.Redis.from_url(local.urls(self.var)["CACHE_URL"])

    def pid(self, server: str) -> int:
        """Return the process of "postgres" or "valkey"."""
        pid = local.status(self.var)[server]
        assert pid is not None, f"{server} does not run"
        return pid

    def start_jobs(self) -> None:
        """Start the worker and the clock."""
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "personalize.celery"]
        worker = [*celery, "--quiet", "worker", "--concurrency", "1", "--loglevel", "error"]
        beat = [*celery, "--quiet", "beat", "--loglevel", "error"]
        beat += ["--pidfile", "", "--schedule", str(self.var / "beat")]
        with (self.var / "jobs.log").open("ab") as log:
            self.jobs = [
                subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603  our own commands
                for command in (worker, beat)
            ]

    def stop_jobs(self) -> None:
        """Stop them."""
        for job in self.jobs:
            job.send_signal(signal.SIGTERM)
        for job in self.jobs:
            with suppress(subprocess.TimeoutExpired):
                job.wait(15)
            job.kill()
            job.wait()
        self.jobs = []

    @contextmanager
    def holding(self, *what: str) -> Iterator[None]:
        """Let what died stay away while the block runs."""
        self.held |= set(what)
        try:
            yield
        finally:
            self.held -= set(what)

    def supervise(self) -> None:
        """Start again what died, until the end."""
        while not self.over.wait(LOOKS_S):
            if SERVERS not in self.held and None in local.status(self.var).values():
                with suppress(local.LocalServerError, OSError):
                    local.start(self.var)
            if WEB not in self.held and self.web is not None and self.web.poll() is not None:
                self.restart_web()
            if JOBS not in self.held and any(job.poll() is not None for job in self.jobs):
                self.stop_jobs()
                self.start_jobs()

    def restart_web(self) -> None:
        """Start the web server again at the same port."""
        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "personalize.wsgi:application"]
        command += ["--workers", "2", "--threads", "4", "--worker-class", "personalize.web.Worker"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--log-level", "critical"]
        with (self.var / "web.log").open("ab") as log:
            self.web = subprocess.Popen(  # noqa: S603  our own server
                command, env=self.environment, cwd=ROOT, stderr=log
            )

    def replace_web(self) -> None:
        """Start the web server anew with what its environment is now, and wait until it answers."""
        with self.holding(WEB):
            self.stop_web()
            self.restart_web()
        self.recovered()

    def ask(self, name: str, answers: Answers) -> int:
        """Ask for one learner's list; return the status, 0 where there was none."""
        headers = {"Authorization": f"Bearer {self.key}"}
        status, body, retry = 0, b"", ""
        with (
            suppress(OSError, HTTPException),
            closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection,
        ):
            connection.request("GET", ASK + name, headers=headers)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
            retry = answer.getheader("Retry-After", "")
        answers.note(status, body, retry)
        return status

    @contextmanager
    def readers(self, answers: Answers, *, many: int = 2) -> Iterator[None]:
        """Let pages ask for lists while the block runs."""
        over = threading.Event()

        def read(first: int) -> None:
            turn = first
            while not over.wait(PAUSE_S):
                self.ask(self.members[turn % len(self.members)], answers)
                turn += 1

        threads = [threading.Thread(target=read, args=(n,)) for n in range(many)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(60)

    def well(self) -> bool:
        """Say whether both doors answer and nothing waits on disk."""
        taken = self.send(Ledger(), set(), b'{"batch":[]}') == 200
        return taken and self.ask(self.members[0], Answers()) == 200 and not self.waiting()

    def recovered(self) -> float:
        """Wait until all is well ten times in a row; return how long it took, in seconds."""
        begun, good = monotonic(), 0
        while good < 10:
            assert monotonic() - begun < BACK_S, self.last_words()
            good = good + 1 if self.well() else 0
            sleep(0.05)
        return monotonic() - begun

    def last_words(self) -> str:
        """Return the end of what its processes logged."""
        logs = [self.var / "web.log", self.var / "jobs.log"]
        return "\n".join(log.read_text()[-2000:] for log in logs if log.exists())

    def live(self) -> str:
        """Return the version of the live model."""
        with self.database() as connection:
            row = connection.execute(
                "SELECT version FROM personalize_modelversion WHERE state = 'live'"
            ).fetchone()
        assert row is not None, "no model is live"
        return str(row[0])


def children(pid: int) -> list[int]:
    """Return a process and all it started."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            found += [int(x) for x in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return found


def signalled(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to processes, those that are gone left out."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def bring_history(product: Product) -> None:
    """Import courses of a lab and what its learners began, and train on it."""
    lab = days.begin("goal-driven", n=LEARNERS, days=DAYS, seed=1)
    begun = [days.live(lab, None).of(Kind.ENROLLED) for _ in range(DAYS)]
    first = moment(days=DAYS + 2)
    rows = ["learner,course,time"]
    for day, events in enumerate(begun):
        for who, course, second in zip(events.learner, events.course, events.second, strict=True):
            at = first + timedelta(days=day, seconds=int(second))
            rows.append(f"member-{who},{lab.courses.keys[course]},{at.isoformat()}")
    courses, history = product.var / "courses.csv", product.var / "history.csv"
    catalogue.write_csv(shelves(lab.courses), courses)
    history.write_text("\n".join(rows), encoding="utf-8")
    product.manage("import_catalogue", str(courses))
    product.manage("import_interactions", str(history))
    product.manage("retrain")
    each = np.bincount(np.concatenate([events.learner for events in begun]), minlength=LEARNERS)
    product.members = tuple(
        f"member-{who}" for who in np.argsort(-each, kind="stable")[:ASKING].tolist()
    )


@contextmanager
def running(var: Path) -> Iterator[Product]:
    """Run a whole product and take it away again."""
    product = Product(var)
    supervisor = threading.Thread(target=product.supervise)
    try:
        local.start(var)
        product.manage("migrate", "-v", "0")
        product.manage("migrate", "--database", "keys", "-v", "0")
        scopes = "capture,recommend,feedback"
        words = product.manage("create_key", "lms", "--scopes", scopes).split()
        [product.key] = [word for word in words if word.startswith("nw_")]
        bring_history(product)
        product.manage("ensure_schedules")
        product.start_web()
        product.start_jobs()
        supervisor.start()
        yield product
    finally:
        product.over.set()
        if supervisor.ident is not None:
            supervisor.join(30)
        product.stop_jobs()
        with suppress(subprocess.TimeoutExpired):
            product.stop_web()
        local.remove(var)
