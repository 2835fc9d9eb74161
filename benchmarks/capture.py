"""How many durable events a second come in over HTTP, against DRF with bulk_create and COPY alone?

The three are measured in turns in one run. Authentication, consent, identity, dedupe and context
are on in both doors; the product also writes the history. The limit is what two connections copy
into the very same indexed, partitioned table with nothing in front of it.
"""

import argparse
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from uuid import uuid4

import msgspec
import numpy as np
from django.db import connections

from benchmarks.load import Connection, Measured, run
from benchmarks.server import server
from signals import api, clock
from signals.data import SYSTEM
from signals.models import Course, Event, Module
from signals.privacy.identity import ensure_learners

LEARNERS = 20_000
COURSES = 1_000
BATCH = 100  # events a request
CLIENTS = 16
OURS = 800  # requests a repetition
NAIVE = 80
LIMIT_ROWS = 200_000
COPIED_TYPES = ["timestamptz"] * 3 + ["int4", "uuid", "int8", "int2", "int4", "float8", "int2"]
KINDS = ["course.viewed", "course.enrolled", "lesson.started", "lesson.completed", "quiz.scored"]

Figures = Mapping[str, float | int | str | None]
Request = Callable[[Connection], tuple[int, bytes]]


def _event(rng: np.random.Generator, now: datetime) -> dict[str, object]:
    kind = KINDS[int(rng.integers(len(KINDS)))]
    at = now - timedelta(seconds=float(rng.uniform(0, 86_400)))
    return {
        "id": str(uuid4()),
        "kind": kind,
        "learner": f"learner-{rng.integers(LEARNERS)}",
        "course": f"course-{rng.integers(COURSES)}",
        "module": "m1" if kind.startswith("lesson.") else None,
        "occurred_at": at.isoformat(),
        "session": f"s{rng.integers(1_000_000)}",
        "value": round(float(rng.uniform()), 3) if kind == "quiz.scored" else None,
        "context": {"attempt": 1} if kind == "quiz.scored" else None,
    }


def _requests(path: str, count: int, *, key: str, rng: np.random.Generator) -> list[Request]:
    now = clock.now()
    bodies = [
        json.dumps(
            {"sent_at": now.isoformat(), "batch": [_event(rng, now) for _ in range(BATCH)]}
        ).encode()
        for _ in range(count)
    ]

    def post(connection: Connection, *, body: bytes) -> tuple[int, bytes]:
        return connection.post(path, body, key=key)

    return [partial(post, body=body) for body in bodies]


def _make_world() -> str:
    now = clock.now()
    Course.objects.bulk_create(
        Course(
            external_id=f"course-{n}",
            slug=f"course-{n}",
            title=f"Course {n}",
            created_at=now,
            updated_at=now,
        )
        for n in range(COURSES)
    )
    Module.objects.bulk_create(
        Module(course_id=course_id, external_id="m1", position=1, title="Module 1")
        for course_id in Course.objects.values_list("id", flat=True)
    )
    ensure_learners([f"learner-{n}" for n in range(LEARNERS)], now=now)
    return api.create_key("bench", scopes=["capture"], days=1, actor=SYSTEM, now=now)


def _copy_limit() -> float:
    """Return the rows a second that two connections copy into the events table, nothing else."""

    def copy(rows: list[tuple[object, ...]]) -> None:
        with connections["default"].cursor() as cursor:
            statement = (
                "COPY signals_event (occurred_at, corrected_at, received_at, source_id, id,"
                " learner_id, kind, course_id, value, flags) FROM STDIN (FORMAT BINARY)"
            )
            with cursor.copy(statement) as pipe:
                pipe.set_types(COPIED_TYPES)
                for row in rows:
                    pipe.write_row(row)
        connections["default"].close()

    now = clock.now()
    rng = np.random.default_rng(0)
    offsets = rng.uniform(0, 86_400, LIMIT_ROWS)
    rows: list[tuple[object, ...]] = [
        (
            at := now - timedelta(seconds=float(offset)),
            at,
            now,
            -1,
            uuid4(),
            n,
            1,
            n % COURSES,
            0.5,
            0,
        )
        for n, offset in enumerate(offsets)
    ]
    half = LIMIT_ROWS // 2
    threads = [threading.Thread(target=copy, args=(part,)) for part in (rows[:half], rows[half:])]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return LIMIT_ROWS / (perf_counter() - started)


def _accepted(measured: Measured) -> int:
    answers = [msgspec.json.decode(body) for body in measured.bodies]
    refused = sum(answer["quarantined"] for answer in answers)
    if refused:
        raise RuntimeError(f"{refused} events were refused; the benchmark sends only good ones")
    return sum(int(answer["accepted"]) for answer in answers)


def measure(arguments: argparse.Namespace) -> Figures:
    """Return events/s of the product, the baseline and the limit, and what was acked and stored."""
    clients = arguments.clients or CLIENTS
    rng = np.random.default_rng(7)
    key = _make_world()
    ours: list[float] = []
    naive: list[float] = []
    limit: list[float] = []
    acked = 0
    with server() as port:
        for path in ("/signals/v1/batch", "/naive/batch"):
            warm = run(_requests(path, 2 * clients, key=key, rng=rng), port=port, clients=clients)
            acked += _accepted(warm) if path.startswith("/signals") else 0
        for _ in range(arguments.repetitions):
            requests = _requests("/signals/v1/batch", OURS, key=key, rng=rng)
            measured = run(requests, port=port, clients=clients)
            acked += _accepted(measured)
            ours.append(measured.per_s * BATCH)
            requests = _requests("/naive/batch", NAIVE, key=key, rng=rng)
            naive.append(run(requests, port=port, clients=clients).per_s * BATCH)
            limit.append(_copy_limit())
    stored = Event.objects.filter(source_id__gt=0).count()
    return {
        "events_per_s": round(median(ours)),
        "naive_bulk_events_per_s": round(median(naive)),
        "ratio_to_naive": round(median(a / b for a, b in zip(ours, naive, strict=True)), 2),
        "copy_limit_rows_per_s": round(median(limit)),
        "ratio_to_limit": round(median(a / b for a, b in zip(ours, limit, strict=True)), 3),
        "acked": acked,
        "stored": stored,
        "repetitions": arguments.repetitions,
        "clients": clients,
        "batch": BATCH,
    }
