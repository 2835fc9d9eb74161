"""How long does a night's training take on a large platform, from the rows to a model that serves?

`manage.py retrain` runs in a process of its own on what a made-up platform holds, and its memory is
watched meanwhile with that of all processes it starts. Storing the platform does not count. Beside
it als alone is fitted to such rows here and on Spark, where that is there.
"""

import argparse
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from benchmarks import als_engines, made_history, synthetic
from signals import clock

LEARNERS = 500_000
COURSES = 10_000
PAIRS_A_LEARNER = 60
LOOK_EVERY_S = 0.5
TICKS_A_S = 100  # of processor time in /proc

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
        taken, seen = _run(["manage.py", "retrain", "--json", str(out)])
        told = json.loads(out.read_text(encoding="utf-8"))
    found: dict[str, Any] = {"learners": learners, "courses": len(course_ids), "pairs": pairs}
    found |= {"seconds": round(taken, 1), "processor_s": round(seen.processor_s, 1)}
    found |= {f"{phase}_s": round(spent, 1) for phase, spent in told["seconds"].items()}
    found |= {"peak_rss_mb": round(max(seen.peak_mb, told["peak_rss_mb"])), "ended": told["ended"]}
    blend = told["models"].get("blend", {})
    found |= {name: blend.get(name) for name in ("hr@10", "ndcg@10", "all_ndcg@10")}
    beside = als_engines.measure(rng, learners=learners, courses=len(course_ids), pairs=pairs)
    return found | beside


class Watched:
    """Memory and processor time of a process and of all that it started."""

    def __init__(self, pid: int) -> None:
        """Watch nothing yet."""
        self.pid = pid
        self.peak_mb = 0.0
        self.processor_s = 0.0

    def look(self) -> None:
        """Read both now; a process that has just ended counts for nothing more."""
        family = _family(self.pid)
        self.peak_mb = max(self.peak_mb, sum(map(_resident_mb, family)))
        self.processor_s = max(self.processor_s, sum(map(_processor_s, family)))


def _run(words: list[str]) -> tuple[float, Watched]:
    """Run a command of the product; return how long it took and what it used."""
    begun = perf_counter()
    process = subprocess.Popen([sys.executable, *words], cwd=settings.BASE_DIR)  # noqa: S603  our own
    watched, ended = Watched(process.pid), threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_S):
            watched.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    taken = perf_counter() - begun
    ended.set()
    watcher.join()
    if code:
        raise SystemExit("retrain failed; what it said is above")
    return taken, watched


def _family(pid: int) -> list[int]:
    """Return a process and everything it started, as long as they run."""
    try:
        listed = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    started = [int(child) for children in listed for child in children.split()]
    return [pid, *(one for child in started for one in _family(child))]


def _resident_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    resident = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return float(resident[0]) / 1024 if resident else 0.0


def _processor_s(pid: int) -> float:
    try:
        spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(float, spent[11:15])) / TICKS_A_S  # its own and of children that have ended
