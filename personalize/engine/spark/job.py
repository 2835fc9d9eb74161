"""The Spark job: course factors from exported rows, by MLlib's ALS. Runs in a process of its own.

    python job.py REQUEST.json

Started by `fit.py`, which never imports pyspark: where it is not installed nothing else breaks, and
a JVM that runs out of memory takes down this process alone. Knows nothing of Northway, so the file
can be handed to spark-submit as it is.
"""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from pyspark import SparkContext
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, greatest, lit

LEAST = 1e-3  # of a rating: a row of any weight is a choice


def _session(master: str, settings: dict[str, str]) -> SparkSession:
    builder = SparkSession.builder.master(master).appName("northway-als")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _ratings(session: SparkSession, asked: dict[str, Any]) -> DataFrame:
    """Return the rows as MLlib wants them: its confidence is 1 + alpha * rating, ours is alpha * w.

    The 1 is taken off, so that both mean the same.
    """
    weight = greatest(col("weight") - lit(1.0 / asked["alpha"]), lit(LEAST))
    rows: DataFrame = session.read.parquet(asked["rows"])
    return rows.select("learner", "course", weight.cast("float").alias("rating"))


def _solver(asked: dict[str, Any], cores: int) -> ALS:
    blocks = max(cores, asked["parts"])
    return ALS(
        userCol="learner",
        itemCol="course",
        ratingCol="rating",
        implicitPrefs=True,
        rank=asked["factors"],
        regParam=asked["regularization"],
        alpha=asked["alpha"],
        maxIter=asked["iterations"],
        numUserBlocks=blocks,
        numItemBlocks=min(blocks, 10 * cores),
        checkpointInterval=-1,
        seed=asked["seed"],
    )


def _factors(session: SparkSession, asked: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return (courses, factors); a course nobody took has none, which is zero."""
    cores = session.sparkContext.defaultParallelism
    model = _solver(asked, cores).fit(_ratings(session, asked))
    found = np.zeros((asked["courses"], asked["factors"]), np.float32)
    for row in model.itemFactors.toLocalIterator():
        found[row["id"]] = row["features"]
    return found


def _processor_s() -> float:
    """Return what the JVM beside this process has used so far; 0 where nobody tells."""
    try:
        stat = Path(f"/proc/{SparkContext._gateway.proc.pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return sum(map(float, stat.rpartition(")")[2].split()[11:13])) / 100


def _end(session: SparkSession) -> None:
    """Stop, and wait until the JVM is gone: its folders are then removed, its time is counted."""
    gateway = SparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def main(request: Path) -> None:
    """Do what the request asks; write the factors and the figures beside it."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    session = _session(asked["master"], asked["settings"])
    try:
        begun, before = perf_counter(), _processor_s()
        np.save(asked["out"], _factors(session, asked), allow_pickle=False)
        told = {"seconds": perf_counter() - begun, "processor_s": _processor_s() - before}
    finally:
        _end(session)
    Path(asked["told"]).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
