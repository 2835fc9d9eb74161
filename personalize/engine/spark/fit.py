"""How do exported rows become course factors of als? (L3) One job, in a process of its own.

The configuration means the same there as here. MLlib multiplies its regularization with the number
of ratings of a row (the weighted lambda of Zhou et al., 2008, section 3.2), implicit takes it as it
is; `scaled` sets the one from the other.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.als import Configuration
from personalize.algorithms.base import FloatArray, Interactions
from personalize.engine.engines import EngineUnusable
from personalize.engine.spark import export
from personalize.engine.spark.needs import is_local

JOB = Path(__file__).with_name("job.py")
LONGEST_S = 6 * 3600.0
DRIVER_MEMORY = "2g"
LAST_LINES = 6  # of what Spark said, for whoever has to mend it

# What the job may know of this process: where programs are and how Spark is set, never our secrets.
PASSED = frozenset({"PATH", "HOME", "USER", "LANG", "TMPDIR", "JAVA_HOME", "PYTHONPATH"})
PASSED_BEGINNINGS = ("SPARK_", "HADOOP_", "YARN_", "KUBERNETES_")

HINTS = {
    "PATH_NOT_FOUND": (
        "Its workers do not see the exported rows: NORTHWAY_SPARK_FOLDER must be a folder that "
        "this machine and every worker have under the same path."
    ),
    "OutOfMemoryError": (
        "It ran out of memory: give the workers more (spark.executor.memory in "
        "spark-defaults.conf), or more workers."
    ),
    "All masters are unresponsive": (
        "The master took no job: it must run the same version of Spark as pyspark here."
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a job used from the started session to the factors, the start of Spark left out."""

    seconds: float
    processor_s: float


@dataclass(frozen=True, slots=True)
class Scaled:
    """MLlib's regularization, and what its course factors are multiplied with afterwards."""

    regularization: float
    length: float


def scaled(data: Interactions, configuration: Configuration) -> Scaled:
    """Return what MLlib must be told so that the mean row is regularized as it is here.

    Its penalty is lambda * (sum n_u |x_u|^2 + sum n_i |y_i|^2). Only the product of both sides'
    factors counts for a score, so with mean counts n and m it is ours where
    lambda * sqrt(n * m) is our regularization; then y comes out shorter by sqrt(lambda * m / ours),
    which must be taken back before a learner is folded in.
    """
    of_learners = _mean_count(data.learners)
    of_courses = _mean_count(data.courses)
    ours = configuration.regularization
    theirs = ours / np.sqrt(of_learners * of_courses)
    return Scaled(float(theirs), float(np.sqrt(theirs * of_courses / ours)))


def _mean_count(numbers: NDArray[np.int32]) -> float:
    counts = np.bincount(numbers)
    return float(counts[counts > 0].mean())


def factors(
    data: Interactions,
    configuration: Configuration,
    *,
    iterations: int,
    seed: int,
    master: str,
    root: Path,
) -> tuple[FloatArray, Told]:
    """Return the course factors (courses, factors) that a cluster finds, and what it took.

    Raises EngineUnusable with what to do next; the exported rows are gone either way.
    """
    told_length = scaled(data, configuration)
    with export.folder(root) as folder:
        rows = export.write(data, folder)
        request = {
            "master": master,
            "settings": _settings(master, folder),
            "rows": str(rows),
            "parts": export.parts_for(len(data.courses)),
            "courses": data.n_courses,
            "factors": configuration.factors,
            "regularization": told_length.regularization,
            "alpha": configuration.alpha,
            "iterations": iterations,
            "seed": seed,
            "out": str(folder / "factors.npy"),
            "told": str(folder / "told.json"),
        }
        _run(request, folder)
        found = np.load(folder / "factors.npy", allow_pickle=False)
        told = Told(**json.loads((folder / "told.json").read_text(encoding="utf-8")))
    return (found * np.float32(told_length.length)).astype(np.float32), told


def _settings(master: str, folder: Path) -> dict[str, str]:
    """Return what is ours to say; the rest is in the cluster's spark-defaults.conf."""
    always = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "none"),
    }
    if not is_local(master):
        return always
    return always | {
        "spark.driver.memory": DRIVER_MEMORY,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(folder / "local"),
    }


def _run(request: dict[str, object], folder: Path) -> None:
    asked = folder / "request.json"
    asked.write_text(json.dumps(request), encoding="utf-8")
    said = folder / "said.txt"
    with said.open("wb") as out:
        code = _wait([sys.executable, str(JOB), str(asked)], out.fileno(), folder)
    if code:
        raise EngineUnusable(_why(said.read_text(encoding="utf-8", errors="replace")))


def _wait(words: list[str], out: int, folder: Path) -> int:
    """Run to the end, or end it with all it started."""
    process = subprocess.Popen(  # noqa: S603  our own file
        words,
        cwd=folder,
        env=passed(),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        start_new_session=True,
    )
    try:
        return process.wait(LONGEST_S)
    except subprocess.TimeoutExpired as error:
        raise EngineUnusable(
            f"The Spark job was ended after {LONGEST_S / 3600:.0f} hours. Check in the cluster's "
            "web page that workers are free and that the job was given some. Nothing was trained."
        ) from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def passed() -> dict[str, str]:
    """Return what the job is given of our environment."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in PASSED or name.startswith(PASSED_BEGINNINGS)
    }


def _why(said: str) -> str:
    hints = [hint for sign, hint in HINTS.items() if sign in said]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = "\n".join(lines[-LAST_LINES:])
    return " ".join(["The Spark job failed.", *hints]) + f" It said last:\n{last}"
