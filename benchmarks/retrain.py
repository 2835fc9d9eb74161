"""How long does a night's training take on a large platform, from the rows to a model that serves?

`manage.py retrain` runs in a process of its own on what a made-up platform holds, and its memory is
watched meanwhile with that of all processes it starts. Storing the platform does not count. Beside
it als alone is fitted to such rows here and on Spark, where that is there.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.db import connection

from benchmarks import als_engines, made_history, processes, synthetic
from signals import clock

LEARNERS = 500_000
COURSES = 10_000
PAIRS_A_LEARNER = 60

Figures = Mapping[str, float | int | str | None]


def measure(arguments: argparse.Namespace) -> Figures:
    """Return seconds of each phase and the most memory that all processes had at one time."""
    learners = arguments.learners or LEARNERS
    now, rng = clock.now(), np.random.default_rng(7)
    course_ids = synthetic.store_courses(arguments.courses or COURSES, now=now)
    wanted = arguments.pairs or learners * PAIRS_A_LEARNER
    pairs = made_history.store(rng, course_ids, learners=learners, pairs=wanted, now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "retrain.json"
        taken, seen = processes.run(["manage.py", "retrain", "--json", str(out)])
        told = json.loads(out.read_text(encoding="utf-8"))
    found: dict[str, Any] = {"learners": learners, "courses": len(course_ids), "pairs": pairs}
    found |= {"seconds": round(taken, 1), "processor_s": round(seen.processor_s, 1)}
    found |= {f"{phase}_s": round(spent, 1) for phase, spent in told["seconds"].items()}
    found |= {"peak_rss_mb": round(max(seen.peak_mb, told["peak_rss_mb"])), "ended": told["ended"]}
    blend = told["models"].get("blend", {})
    found |= {name: blend.get(name) for name in ("hr@10", "ndcg@10", "all_ndcg@10")}
    beside = als_engines.measure(rng, learners=learners, courses=len(course_ids), pairs=pairs)
    return found | beside
