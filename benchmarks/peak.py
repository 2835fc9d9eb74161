"""Does the product hold ten times a platform's usual flow of events, and answer beside it?

Events come at a fixed rate, whatever the answers take, as they would from a platform; four
clients ask for recommendations one after the other all the while. 50 million events a day are 579
a second; ten times that is the peak.
"""

import argparse
import json
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic, perf_counter, sleep
from uuid import uuid4

import msgspec
import numpy as np

from benchmarks import recommend
from benchmarks.load import Connection, run
from benchmarks.server import server
from signals import api, clock
from signals.data import SYSTEM
from signals.models import Event

LEARNERS = 100_000
COURSES = 10_000
EVENTS_PER_S = 5_800
SECONDS = 600
BATCH = 100  # events a request
SENDERS = 16
CLIENTS = 4
BODIES = 200  # sent again and again, each time with new ids
KINDS = ["course.viewed", "course.enrolled", "course.completed", "quiz.scored"]
MARK = b"f00df00df00d"  # the end of every id, replaced by the number of the sending

Figures = Mapping[str, float | int | str | None]


class Sender:
    """Sends its share of the batches, each at its appointed time or as soon after as it can."""

    def __init__(self, port: int, *, key: str, bodies: list[bytes]) -> None:
        """Keep what is sent and where to."""
        self._port, self._key, self._bodies = port, key, bodies
        self.acked = 0
        self.late_s = 0.0  # the most a sending was behind its time
        self.latencies: list[float] = []
        self.failures: list[str] = []

    def send(self, numbers: range, *, started: float, every_s: float) -> None:
        """Send the batches of these numbers; `every_s` apart counted over all senders."""
        connection = Connection(self._port)
        for number in numbers:
            behind = monotonic() - (started + number * every_s)
            if behind < 0:
                sleep(-behind)
            self.late_s = max(self.late_s, behind)
            body = self._bodies[number % BODIES].replace(MARK, b"%012x" % number)
            asked = perf_counter()
            status, answer = connection.post("/signals/v1/batch", body, key=self._key)
            self.latencies.append((perf_counter() - asked) * 1000)
            if status != 200:
                self.failures.append(f"{status}: {answer[:200]!r}")
                break
            self.acked += int(msgspec.json.decode(answer)["accepted"])
        connection.close()


def made_bodies(rng: np.random.Generator, *, learners: int, courses: int) -> list[bytes]:
    """Return bodies of batches; MARK in every id is to be replaced."""
    now = clock.now()

    def event() -> dict[str, object]:
        kind = KINDS[int(rng.integers(len(KINDS)))]
        scored = kind == "quiz.scored"
        return {
            "id": str(uuid4())[:24] + MARK.decode(),
            "kind": kind,
            "learner": f"learner-{rng.integers(learners)}",
            "course": f"course-{rng.integers(courses)}",
            "occurred_at": (now - timedelta(seconds=float(rng.uniform(0, 3600)))).isoformat(),
            "value": round(float(rng.uniform()), 3) if scored else None,
            "context": {"attempt": 1} if scored else None,
        }

    sent_at = now.isoformat()
    return [
        json.dumps({"sent_at": sent_at, "batch": [event() for _ in range(BATCH)]}).encode()
        for _ in range(BODIES)
    ]


def measure(arguments: argparse.Namespace) -> Figures:
    """Return how the flow was kept up with, and how long recommendations took beside it."""
    learners, courses = arguments.learners or LEARNERS, arguments.courses or COURSES
    seconds, rate = arguments.seconds or SECONDS, arguments.events_per_s or EVENTS_PER_S
    key = recommend.make_world(learners, courses)
    capture_key = api.create_key("peak", scopes=["capture"], days=1, actor=SYSTEM, now=clock.now())
    rng = np.random.default_rng(7)
    bodies = made_bodies(rng, learners=learners, courses=courses)
    batches = round(seconds * rate / BATCH)
    with server() as port:
        sample = rng.choice(learners, size=2_000, replace=False).tolist()
        personal = recommend.personal(sample, key=key, port=port, clients=CLIENTS)
        senders = [Sender(port, key=capture_key, bodies=bodies) for _ in range(SENDERS)]
        started = monotonic()
        threads = [
            threading.Thread(
                target=sender.send,
                args=(range(first, batches, SENDERS),),
                kwargs={"started": started, "every_s": BATCH / rate},
            )
            for first, sender in enumerate(senders)
        ]
        for thread in threads:
            thread.start()
        latencies: list[float] = []
        sources: Counter[str] = Counter()
        while any(thread.is_alive() for thread in threads):
            asked = [
                recommend.ask("/personalize/v1/recommendations", n, key=key)
                for n in rng.choice(personal, size=200).tolist()
            ]
            answered = run(asked, port=port, clients=CLIENTS)
            latencies += answered.latencies_ms.tolist()
            sources.update(msgspec.json.decode(body)["source"] for body in answered.bodies)
        for thread in threads:
            thread.join()
        took = monotonic() - started
    failures = [failure for sender in senders for failure in sender.failures]
    if failures:
        raise RuntimeError(f"{len(failures)} senders stopped: {failures[0]}")
    captured = [value for sender in senders for value in sender.latencies]
    acked = sum(sender.acked for sender in senders)
    return {
        "seconds": round(took, 1),
        "events_per_s": round(acked / took),
        "asked_events_per_s": rate,
        "acked": acked,
        "stored": Event.objects.count(),
        "most_behind_s": round(max(sender.late_s for sender in senders), 2),
        "capture_p95_ms": round(float(np.percentile(captured, 95)), 1),
        "recommendations_per_s": round(len(latencies) / took),
        "of_the_model": round(sources["model"] / len(latencies), 4),
        "recommend_p50_ms": round(float(np.percentile(latencies, 50)), 1),
        "recommend_p95_ms": round(float(np.percentile(latencies, 95)), 1),
        "recommend_p99_ms": round(float(np.percentile(latencies, 99)), 1),
        "learners": learners,
        "courses": courses,
    }
