"""What becomes of a hundred times a platform's usual flow, all at once and for a minute?

More than the machine can take is offered on purpose. What is not taken must be refused with 429 or
503 and Retry-After, nobody who asks for a list may be told an error of the server's own, and every
event that was acknowledged must be stored, once.
"""

import argparse
import threading
from collections import Counter
from collections.abc import Mapping
from functools import partial
from time import monotonic, perf_counter, sleep

import msgspec
import numpy as np

from benchmarks import recommend
from benchmarks.load import Connection
from benchmarks.peak import BATCH, BODIES, COURSES, LEARNERS, MARK, made_bodies
from benchmarks.server import server
from signals import api, clock
from signals.data import SYSTEM
from signals.models import Event

EVENTS_PER_S = 58_000
SECONDS = 60
SENDERS = 400  # connections: who waits for an answer sends no more by it
CLIENTS = 40  # ten times those of the peak
AGAIN_S = 0.2  # a client that hung up or was hung up on comes again

Figures = Mapping[str, float | int | str | None]


class Offered:
    """What was sent and asked, and what came of it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.statuses: Counter[int] = Counter()
        self.sources: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.acked = 0
        self.lock = threading.Lock()

    def note(self, status: int, took_ms: float, *, acked: int = 0, source: str = "") -> None:
        """Take down one answer; 0 is none at all."""
        with self.lock:
            self.statuses[status] += 1
            self.acked += acked
            self.latencies.append(took_ms)
            if source:
                self.sources[source] += 1


class Line:
    """A connection that is made anew when it broke."""

    def __init__(self, port: int) -> None:
        """Connect when first used."""
        self._port = port
        self._connection: Connection | None = None

    def ask(self, request: recommend.Request) -> tuple[int, bytes]:
        """Return status and body; (0, b"") where there was no answer."""
        try:
            if self._connection is None:
                self._connection = Connection(self._port)
            return request(self._connection)
        except OSError:
            self.close()
            sleep(AGAIN_S)
            return 0, b""

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def send(
    found: Offered,
    port: int,
    bodies: list[bytes],
    *,
    key: str,
    numbers: range,
    started: float,
    every_s: float,
    until: float,
) -> None:
    """Send batches of these numbers, each at its time or as soon after as there is an answer."""
    line = Line(port)
    for number in numbers:
        behind = monotonic() - (started + number * every_s)
        if behind < 0:
            sleep(-behind)
        if monotonic() > until:
            break
        body = bodies[number % BODIES].replace(MARK, b"%012x" % number)
        begun = perf_counter()
        status, answer = line.ask(
            partial(Connection.post, path="/signals/v1/batch", body=body, key=key)
        )
        taken = int(msgspec.json.decode(answer)["accepted"]) if status == 200 else 0
        found.note(status, (perf_counter() - begun) * 1000, acked=taken)
    line.close()


def ask(found: Offered, port: int, learners: list[int], *, key: str, until: float) -> None:
    """Ask for one list after the other."""
    line, at = Line(port), 0
    while monotonic() < until:
        request = recommend.ask(
            "/personalize/v1/recommendations", learners[at % len(learners)], key=key
        )
        begun = perf_counter()
        status, body = line.ask(request)
        source = str(msgspec.json.decode(body)["source"]) if status == 200 else ""
        found.note(status, (perf_counter() - begun) * 1000, source=source)
        at += 1
    line.close()


def measure(arguments: argparse.Namespace) -> Figures:
    """Return what was offered, what was taken and refused, and what is stored."""
    learners, courses = arguments.learners or LEARNERS, arguments.courses or COURSES
    seconds, rate = arguments.seconds or SECONDS, arguments.events_per_s or EVENTS_PER_S
    key = recommend.make_world(learners, courses)
    capture_key = api.create_key("spike", scopes=["capture"], days=1, actor=SYSTEM, now=clock.now())
    rng = np.random.default_rng(7)
    bodies = made_bodies(rng, learners=learners, courses=courses)
    events, lists = Offered(), Offered()
    with server() as port:
        sample = rng.choice(learners, size=1_000, replace=False).tolist()
        personal = recommend.personal(sample, key=key, port=port, clients=4)
        started = monotonic()
        until = started + seconds
        threads = [
            threading.Thread(
                target=send,
                args=(events, port, bodies),
                kwargs={
                    "key": capture_key,
                    "numbers": range(first, round(seconds * rate / BATCH), SENDERS),
                    "started": started,
                    "every_s": BATCH / rate,
                    "until": until,
                },
            )
            for first in range(SENDERS)
        ]
        threads += [
            threading.Thread(
                target=ask,
                args=(lists, port, personal[first:] + personal[:first]),
                kwargs={"key": key, "until": until},
            )
            for first in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = monotonic() - started
        back = recommend.personal(personal[:40], key=key, port=port, clients=4)
    sent, asked = sum(events.statuses.values()), sum(lists.statuses.values())
    return {
        "seconds": round(took, 1),
        "offered_events_per_s": rate,
        "sent_events": sent * BATCH,
        "acked": events.acked,
        "stored": Event.objects.count(),
        "capture_statuses": _told(events.statuses),
        "capture_p95_ms": round(float(np.percentile(events.latencies, 95)), 1),
        "asked_lists": asked,
        "list_statuses": _told(lists.statuses),
        "list_sources": _told(lists.sources),
        "list_p95_ms": round(float(np.percentile(lists.latencies, 95)), 1),
        "from_a_model_again": len(back),
        "learners": learners,
        "courses": courses,
    }


def _told(counts: Mapping[int, int] | Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {n:,}" for what, n in counts.items())
