"""How fast is a recommendation on a large platform, against DRF with the ORM and implicit?

Authentication, consent, experiment, policy, explanation and the decision log are on. Only
learners whose list the model makes are asked for, since the generic list would be quicker.
"""

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from benchmarks import synthetic
from benchmarks.load import Connection, run
from benchmarks.server import server
from personalize.algorithms.base import Interactions
from personalize.algorithms.blend import MEMBERS, Blend
from personalize.engine import packing, registry, steps
from personalize.engine.artifacts import Card
from personalize.engine.popular import popular_arrays
from signals import api, clock
from signals.data import SYSTEM

LEARNERS = 500_000
COURSES = 10_000
CLIENTS = 4
TRAINED_ON = 100_000  # learners; the size of what serves depends on the courses alone
ASKED = 6_000  # learners sampled
OURS = 3_000  # requests a repetition
NAIVE = 400
HELLO = 3_000
VERSION = "bench"
WEIGHTS = dict.fromkeys(MEMBERS, 1 / len(MEMBERS))
PARAMETERS = {"als": {"factors": 64, "regularization": 100.0, "alpha": 30.0}}

Figures = Mapping[str, float | int | str | None]
Request = Callable[[Connection], tuple[int, bytes]]


def _publish(choices: synthetic.Choices, course_ids: list[int], *, now: datetime) -> None:
    """Fit the served blend with equal weights and make it live; fit the baseline's model."""
    some = choices.learners < TRAINED_ON
    ascending = np.argsort(np.array(course_ids))
    place = np.empty(len(course_ids), np.int32)
    place[ascending] = np.arange(len(course_ids))
    data = Interactions(
        learners=choices.learners[some],
        courses=place[choices.courses[some]],
        times=400.0 - choices.days[some],
        weights=np.ones(int(some.sum()), np.float32),
        n_learners=int(choices.learners[some].max()) + 1,
        n_courses=len(course_ids),
    )
    sorted_ids = np.array(course_ids, np.int32)[ascending]
    blend = Blend(weights=WEIGHTS, member_params=PARAMETERS)
    blend.fit(data, rng=np.random.default_rng(7))
    card = Card(
        version=VERSION,
        trained_at=now,
        seed=7,
        serves=blend.name,
        learners=data.n_learners,
        courses=data.n_courses,
        pairs=len(data.courses),
        weights=blend.weights_,
        parameters={blend.name: blend.params()},
        metrics={},
        heldout={},
        excluded={},
        skipped=blend.skipped_,
    )
    fields = [f"Field {n % synthetic.FIELDS}" for n in ascending]
    arrays = {packing.COURSE_IDS: sorted_ids} | popular_arrays(data, fields) | packing.pack(blend)
    registry.publish_candidate(card, arrays)
    steps.settle(VERSION, (), actor=SYSTEM, now=now)
    _publish_naive(data, sorted_ids)


def _publish_naive(
    data: Interactions, sorted_ids: "np.ndarray[tuple[int], np.dtype[np.int32]]"
) -> None:
    folder = Path(settings.MODELS_DIR) / "naive"
    folder.mkdir(parents=True)
    model = AlternatingLeastSquares(factors=64, iterations=5, num_threads=2, random_state=7)
    pairs = csr_matrix(
        (np.ones(len(data.courses), np.float32), (data.learners, data.courses)),
        shape=(data.n_learners, data.n_courses),
    )
    model.fit(pairs, show_progress=False)
    model.save(str(folder / "als.npz"))
    np.save(folder / "course_ids.npy", sorted_ids)


def ask(path: str, learner: int, *, key: str) -> Request:
    """Return the request for one learner's list."""
    body = msgspec.json.encode({"learner": f"learner-{learner}", "surface": "home", "k": 12})

    def post(connection: Connection) -> tuple[int, bytes]:
        return connection.post(path, body, key=key)

    return post


def make_world(learners: int, courses: int) -> str:
    """Make a platform with a live model; return a key that may ask for lists."""
    now = clock.now()
    call_command("ensure_experiments", verbosity=0)
    choices = synthetic.draw(np.random.default_rng(7), learners=learners, courses=courses)
    course_ids = synthetic.store_courses(courses, now=now)
    synthetic.store_learners(learners, now=now)
    synthetic.store_history(choices, course_ids, now=now)
    _publish(choices, course_ids, now=now)
    return api.create_key("bench", scopes=["recommend"], days=1, actor=SYSTEM, now=now)


def personal(learners: list[int], *, key: str, port: int, clients: int) -> list[int]:
    """Return the learners whose list the model makes; asking also warms everything."""
    path = "/personalize/v1/recommendations"
    asked = run([ask(path, n, key=key) for n in learners], port=port, clients=clients)
    sources = [msgspec.json.decode(body)["source"] for body in asked.bodies]
    found = [n for n, source in zip(learners, sources, strict=True) if source == "model"]
    if len(found) < len(learners) // 4:
        raise RuntimeError(f"only {len(found)} of {len(learners)} lists came from the model")
    return found


def _bytes_a_decision() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(pg_column_size(d.*)), max(pg_column_size(d.*))"
            " FROM personalize_decision d WHERE model IS NOT NULL"
        )
        mean, most = cursor.fetchone()
    return round(float(mean)), int(most)


def measure(arguments: argparse.Namespace) -> Figures:
    """Return requests/s and latencies of the product, the baseline and an empty answer."""
    clients = arguments.clients or CLIENTS
    learners = arguments.learners or LEARNERS
    key = make_world(learners, arguments.courses or COURSES)
    rng = np.random.default_rng(11)
    sample = rng.choice(learners, size=min(ASKED, learners), replace=False).tolist()
    ours, naive, hello = [], [], []
    with server() as port:
        go = partial(run, port=port, clients=clients)
        found = personal(sample, key=key, port=port, clients=clients)
        go([ask("/naive/recommendations", n, key=key) for n in found[:50]])
        for _ in range(arguments.repetitions):
            chosen = rng.choice(found, size=OURS).tolist()
            ours.append(go([ask("/personalize/v1/recommendations", n, key=key) for n in chosen]))
            chosen = chosen[:NAIVE]
            naive.append(go([ask("/naive/recommendations", n, key=key) for n in chosen]))
            hello.append(go([lambda connection: connection.get("/hello/")] * HELLO))
    mean, most = _bytes_a_decision()
    return {
        "rps": round(median(each.per_s for each in ours)),
        "p50_ms": round(median(each.percentile(50) for each in ours), 2),
        "p95_ms": round(median(each.percentile(95) for each in ours), 2),
        "p99_ms": round(median(each.percentile(99) for each in ours), 2),
        "naive_rps": round(median(each.per_s for each in naive)),
        "ratio_to_naive": round(
            median(a.per_s / b.per_s for a, b in zip(ours, naive, strict=True)), 2
        ),
        "hello_rps": round(median(each.per_s for each in hello)),
        "bytes_a_decision": mean,
        "bytes_a_decision_max": most,
        "learners": learners,
        "courses": arguments.courses or COURSES,
        "clients": clients,
        "repetitions": arguments.repetitions,
    }
