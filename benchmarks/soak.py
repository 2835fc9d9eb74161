"""Does anything grow at a platform's usual flow that should not, within half an hour?

The whole product runs: web processes, a worker, the clock with every schedule. Events and requests
for lists come at fixed rates, whatever answers take; what is refused with 503 is sent again, as a
platform does. Memory, dead rows and what waits on disk are read all the while.
"""

import argparse
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep

import msgspec
import numpy as np
from django.core.management import call_command
from django.db import connection

from benchmarks import processes, recommend
from benchmarks.load import Connection
from benchmarks.peak import BATCH, BODIES, MARK, made_bodies
from benchmarks.server import STARTED, clock_and_worker, server
from benchmarks.spike import Line
from personalize import local
from personalize.models import JobRun
from signals import api, clock
from signals.data import SYSTEM
from signals.models import Event, Source

LEARNERS, COURSES = 20_000, 1_000
EVENTS_PER_S = 580  # 50 million a day
LISTS_PER_S = 20
SECONDS = 1_800
SENDERS, CLIENTS = 4, 4
WINDOWS = 6  # five minutes each of half an hour
LOOK_EVERY_S = 5.0
AGAIN_S = 2.0  # what Retry-After asks for
DEAD_ROWS = 1_000  # from which a table is named
_BLOAT = """
SELECT relname, n_live_tup, n_dead_tup FROM pg_stat_user_tables
WHERE n_dead_tup > %s ORDER BY n_dead_tup DESC LIMIT 8
"""

Figures = Mapping[str, float | int | str | None]


@dataclass
class Flow:
    """What one kind of request was answered: (second, milliseconds) of each, by window."""

    answers: list[tuple[float, float]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    acked: int = 0
    late_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def p95(self, *, begins: float, ends: float) -> float:
        """Return the 95th percentile of a window, in milliseconds."""
        took = [ms for at, ms in self.answers if begins <= at < ends]
        return round(float(np.percentile(took, 95)), 1) if took else 0.0


@dataclass
class Seen:
    """What was read beside it: memory by program at each look, and the most that waited on disk."""

    memory_mb: list[dict[str, float]] = field(default_factory=list)
    spool_bytes: int = 0

    def look(self) -> None:
        """Read all of it now."""
        pids = {**STARTED, **{name: pid for name, pid in local.status().items() if pid}}
        self.memory_mb.append(
            {
                name: sum(map(processes.proportional_mb, processes.family(pid)))
                for name, pid in pids.items()
            }
        )
        waiting = api.spool_state(now=clock.now()).size_bytes
        self.spool_bytes = max(self.spool_bytes, waiting)

    def mean_mb(self, looks: slice) -> dict[str, int]:
        """Return the mean of some looks, by program."""
        some = self.memory_mb[looks]
        return {name: round(sum(one[name] for one in some) / len(some)) for name in some[0]}


def measure(arguments: argparse.Namespace) -> Figures:
    """Return the p95 of each window, memory at the beginning and the end, and what lay about."""
    learners, courses = arguments.learners or LEARNERS, arguments.courses or COURSES
    seconds, rate = arguments.seconds or SECONDS, arguments.events_per_s or EVENTS_PER_S
    key = recommend.make_world(learners, courses)
    capture_key = api.create_key("soak", scopes=["capture"], days=1, actor=SYSTEM, now=clock.now())
    call_command("ensure_schedules", verbosity=0)
    rng = np.random.default_rng(7)
    bodies = made_bodies(rng, learners=learners, courses=courses)
    events, lists, seen = Flow(), Flow(), Seen()
    with TemporaryDirectory() as folder, server() as port, clock_and_worker(Path(folder)):
        sample = rng.choice(learners, size=1_000, replace=False).tolist()
        personal = recommend.personal(sample, key=key, port=port, clients=CLIENTS)
        before = _database_bytes()
        begun = monotonic()

        def send(line: Line, number: int) -> None:
            body = bodies[number % BODIES].replace(MARK, b"%012x" % number)
            post = partial(Connection.post, path="/signals/v1/batch", body=body, key=capture_key)
            while True:
                status, answer = _timed(events, line, post, begun)
                if status == 200:
                    with events.lock:
                        events.acked += int(msgspec.json.decode(answer)["accepted"])
                    return
                sleep(AGAIN_S)

        def ask(line: Line, number: int) -> None:
            request = recommend.ask(
                "/personalize/v1/recommendations", personal[number % len(personal)], key=key
            )
            status, answer = _timed(lists, line, request, begun)
            source = msgspec.json.decode(answer)["source"] if status == 200 else "none"
            with lists.lock:
                lists.sources[source] += 1

        flows = [(send, events, SENDERS, rate / BATCH), (ask, lists, CLIENTS, LISTS_PER_S)]
        threads = [
            threading.Thread(
                target=_steadily,
                args=(does, flow, port, range(first, round(seconds * per_s), many)),
                kwargs={"begun": begun, "every_s": 1 / per_s},
            )
            for does, flow, many, per_s in flows
            for first in range(many)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            seen.look()
            sleep(LOOK_EVERY_S)
        took = monotonic() - begun
        after = _database_bytes()
    source = Source.objects.get(name="soak").pk
    told = _told(events, lists, seen, took=took)
    return told | {
        "asked_events_per_s": rate,
        "stored": Event.objects.filter(source_id=source).count(),
        "database_bytes_an_event": round((after - before) / max(events.acked, 1)),
        "learners": learners,
        "courses": courses,
    }


def _told(
    events: Flow, lists: Flow, seen: Seen, *, took: float
) -> dict[str, float | int | str | None]:
    part = max(len(seen.memory_mb) // WINDOWS, 1)
    windows = [(n * took / WINDOWS, (n + 1) * took / WINDOWS) for n in range(WINDOWS)]
    return {
        "seconds": round(took, 1),
        "acked": events.acked,
        "capture_statuses": str(dict(events.statuses)),
        "list_statuses": str(dict(lists.statuses)),
        "list_sources": str(dict(lists.sources)),
        "capture_p95_ms": str([events.p95(begins=a, ends=b) for a, b in windows]),
        "list_p95_ms": str([lists.p95(begins=a, ends=b) for a, b in windows]),
        "most_behind_s": round(max(events.late_s, lists.late_s), 2),
        "memory_first_mb": str(seen.mean_mb(slice(0, part))),
        "memory_second_mb": str(seen.mean_mb(slice(part, 2 * part))),
        "memory_last_mb": str(seen.mean_mb(slice(-part, None))),
        "spool_most_bytes": seen.spool_bytes,
        "dead_rows": str(_dead_rows()),
        "jobs_run": JobRun.objects.filter(succeeded_at__isnull=False).count(),
        "jobs_failing": str(
            list(JobRun.objects.filter(failures__gt=0).values_list("job", flat=True))
        ),
    }


def _steadily(
    does: Callable[[Line, int], None],
    flow: Flow,
    port: int,
    numbers: range,
    *,
    begun: float,
    every_s: float,
) -> None:
    """Do each of these at its time, or as soon after as the one before is done."""
    line = Line(port)
    for number in numbers:
        behind = monotonic() - (begun + number * every_s)
        if behind < 0:
            sleep(-behind)
        flow.late_s = max(flow.late_s, behind)
        does(line, number)
    line.close()


def _timed(flow: Flow, line: Line, request: recommend.Request, begun: float) -> tuple[int, bytes]:
    asked = perf_counter()
    status, answer = line.ask(request)
    took_ms = (perf_counter() - asked) * 1000
    with flow.lock:
        flow.answers.append((monotonic() - begun, took_ms))
        flow.statuses[status] += 1
    return status, answer


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _dead_rows() -> dict[str, tuple[int, int]]:
    """Return tables with dead rows: (live, dead) as PostgreSQL estimates them."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOAT, [DEAD_ROWS])
        return {name: (live, dead) for name, live, dead in cursor.fetchall()}
