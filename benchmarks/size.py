"""What does a platform of one size cost: its jobs, its answers, its rows? `bench growth` compares.

The jobs run as the clock would run them, each as a command in a process of its own, on everything
the platform holds: the first night after it was connected, which is the longest.
"""

import argparse
from collections.abc import Mapping
from functools import partial
from io import BytesIO

import msgspec
import numpy as np
import pyarrow as pa
from django.core.management import call_command
from django.db import connection
from pyarrow import parquet

from benchmarks import processes, recommend
from benchmarks.load import Measured, run
from benchmarks.server import server
from personalize import local
from personalize.models import ModelVersion
from signals import api, clock
from signals.data import SYSTEM
from signals.models import (
    FormatObservation,
    Identity,
    Learner,
    LearnerCourse,
    LearnerFeature,
    LearnerModule,
    LearnerSession,
)

LEARNERS, COURSES = 5_000, 300
EVENTS_A_CHOICE = 5
ASKED, CLIENTS = 1_000, 4
ARCHIVED = 200_000  # events that are written as Parquet
JOBS = {
    "roll_up": "roll_up",
    "sessions": "derive_sessions",
    "features": "derive_features",
    "quality": "judge_quality",
    "demand": "derive_demand",
    "desk": "derive_desk",
    "retrain": "retrain",
    "drift": "watch_drift",
    "retention": "purge_expired",
}
OF_LEARNERS = (
    Learner,
    Identity,
    LearnerCourse,
    LearnerModule,
    LearnerFeature,
    LearnerSession,
    FormatObservation,
)
# Up to each choice, two to five minutes apart, as robots are not: viewed, enrolled, a lesson
# begun, a lesson done, a quiz.
_EVENTS = """
INSERT INTO signals_event (occurred_at, corrected_at, received_at, source_id, id, learner_id, kind,
                           course_id, session, value, flags)
SELECT at, at, at, %(source)s, gen_random_uuid(), learner_id, kinds[1 + n %% cardinality(kinds)],
       course_id, learner_id * 100000 + course_id, CASE WHEN n %% 5 = 4 THEN .5 END, 0
FROM (SELECT learner_id, course_id, n, %(kinds)s::int[] kinds,
             last_at - make_interval(secs => n * 210 + hashint8(learner_id * 1000 + n) %% 90) AS at
      FROM signals_learnercourse, generate_series(0, %(each)s - 1) n) made
"""
_ARCHIVED = """
SELECT uuid_send(id), learner_id, corrected_at, occurred_at, received_at, source_id, kind,
       course_id, module_id, session, value, flags
FROM signals_event ORDER BY learner_id, corrected_at LIMIT %s
"""
KINDS = ("course.viewed", "course.enrolled", "lesson.started", "lesson.completed", "quiz.scored")

Figures = Mapping[str, float | int | str | None]


def measure(arguments: argparse.Namespace) -> Figures:
    """Return seconds, processor time and memory of each job, answers' times, and bytes a row."""
    learners, courses = arguments.learners or LEARNERS, arguments.courses or COURSES
    key = recommend.make_world(learners, courses)
    each = arguments.events_a_choice or EVENTS_A_CHOICE
    events = _store_events(each)
    answered = _asked(learners, key=key)
    found: dict[str, float | int | str | None] = {
        "learners": learners,
        "courses": courses,
        "choices": _number("SELECT count(*) FROM signals_learnercourse"),
        "events": events,
        "events_a_choice": each,
        "recommend_p50_ms": round(answered.percentile(50), 1),
        "recommend_p95_ms": round(answered.percentile(95), 1),
        "recommend_p99_ms": round(answered.percentile(99), 1),
        "recommend_per_s": round(answered.per_s),
        "of_the_model": sum(map(_of_model, answered.bodies)) / len(answered.bodies),
    }
    decisions = _number("SELECT count(*) FROM personalize_decision")
    # The model that answered was made by hand, and no training could be held against it.
    ModelVersion.objects.update(state=ModelVersion.State.RETIRED)
    postgres = local.status()["postgres"]
    for name, command in JOBS.items():
        before = _spent_s(postgres)
        taken, watched = processes.run(["manage.py", command])
        found[f"{name}_s"] = round(taken, 1)
        found[f"{name}_processor_s"] = round(watched.processor_s, 1)
        found[f"{name}_postgres_s"] = round(_spent_s(postgres) - before, 1)
        found[f"{name}_mb"] = round(watched.peak_mb)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    of_learners = sum(_bytes(model._meta.db_table) for model in OF_LEARNERS)
    return found | {
        "bytes_an_event": round(_bytes("signals_event") / events),
        "parquet_bytes_an_event": _parquet_bytes_an_event(),
        "bytes_a_learner": round(of_learners / learners),
        "bytes_a_decision": round(_bytes("personalize_decision") / decisions),
        "database_mb": round(_number("SELECT pg_database_size(current_database())") / 1e6),
    }


def _store_events(each: int) -> int:
    call_command("ensure_partitions", verbosity=0)
    source = api.create_key("growth", scopes=["capture"], days=1, actor=SYSTEM, now=clock.now())
    codes = api.kind_codes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM signals_source WHERE name = 'growth'")
        [source] = cursor.fetchone()
        given = {"source": source, "each": each, "kinds": [codes[kind] for kind in KINDS]}
        cursor.execute(_EVENTS, given)
        stored = cursor.rowcount
        cursor.execute("VACUUM ANALYZE")
    return int(stored)


def _asked(learners: int, *, key: str) -> Measured:
    rng = np.random.default_rng(11)
    sample = rng.choice(learners, size=min(ASKED, learners), replace=False).tolist()
    with server() as port:
        warm = recommend.personal(sample, key=key, port=port, clients=CLIENTS)
        again = [warm[n % len(warm)] for n in range(ASKED)]
        ask = partial(recommend.ask, "/personalize/v1/recommendations", key=key)
        found = run([ask(n) for n in again], port=port, clients=CLIENTS)
    return found


def _of_model(body: bytes) -> bool:
    return bool(msgspec.json.decode(body)["source"] == "model")


def _spent_s(pid: int | None) -> float:
    return sum(map(processes.processor_s, processes.family(pid))) if pid else 0.0


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _bytes(table: str) -> int:
    """Return what a table takes with its indexes, in all its partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_partition_tree(%s)",
            [table],
        )
        parts = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return max(parts, int(cursor.fetchone()[0]))


def _parquet_bytes_an_event() -> float:
    """Return what an event takes as Parquet, in one file sorted by learner and time."""
    with connection.cursor() as cursor:
        cursor.execute(_ARCHIVED, [ARCHIVED])
        names = [column.name for column in cursor.description]
        columns = list(zip(*cursor.fetchall(), strict=True))
    file = BytesIO()
    table = pa.table(dict(zip(names, map(pa.array, columns), strict=True)))
    parquet.write_table(table, file, compression="zstd")
    return round(file.tell() / len(columns[0]), 1)
