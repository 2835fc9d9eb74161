"""Can als be fitted on this cluster from here? (L3) Every answer says what to do next.

Looked at before anything is read, so that a run that cannot succeed ends at once.
"""

import re
import shutil
import socket
from importlib.util import find_spec
from os import environ
from pathlib import Path

from personalize.engine.engines import EngineUnusable

ANSWERS_WITHIN_S = 5.0
LOCAL = re.compile(r"local(\[(\*|[1-9]\d*)\])?")
STANDALONE = "spark://"
ELSEWHERE = re.compile(r"yarn|k8s://\S+")  # who asks for machines there is Spark, not we

NO_PYSPARK = (
    "The Spark engine needs pyspark, which is not installed. Install what requirements-spark.txt "
    "lists (pip install --require-hashes -r requirements-spark.txt), then run this again."
)
NO_JAVA = (
    "The Spark engine needs Java 17, and no java was found in JAVA_HOME or PATH. Install it "
    "(Debian, Ubuntu: apt-get install openjdk-17-jre-headless), then run this again."
)


def check(master: str) -> None:
    """Raise EngineUnusable unless a job can be sent to this master."""
    if find_spec("pyspark") is None:
        raise EngineUnusable(NO_PYSPARK)
    if java() is None:
        raise EngineUnusable(NO_JAVA)
    check_master(master)


def java() -> str | None:
    """Return the java that Spark would start: that of JAVA_HOME, else the first in PATH."""
    home = environ.get("JAVA_HOME")
    if home:
        own = Path(home) / "bin" / "java"
        return str(own) if own.is_file() else None
    return shutil.which("java")


def check_master(master: str) -> None:
    """Raise EngineUnusable where the address is none, or nobody answers there."""
    if is_local(master) or ELSEWHERE.fullmatch(master):
        return
    addresses = _addresses(master)
    refusals = [refusal for address in addresses if (refusal := _refusal(*address))]
    if len(refusals) == len(addresses):  # of several masters one leads, the others stand by
        raise EngineUnusable(
            f"No Spark master answers at {master} ({'; '.join(refusals)}). Check that the cluster "
            "runs, that the port is that of the master (7077 unless configured otherwise, not that "
            "of its web page), and that this machine may reach it. Nothing was trained."
        )


def is_local(master: str) -> bool:
    """Say whether the job runs on this machine alone."""
    return LOCAL.fullmatch(master) is not None


def _addresses(master: str) -> list[tuple[str, int]]:
    named = [one.rpartition(":") for one in master.removeprefix(STANDALONE).split(",")]
    if not master.startswith(STANDALONE) or not all(
        host and port.isdecimal() and int(port) < 1 << 16 for host, _, port in named
    ):
        raise EngineUnusable(
            f"{master!r} is no address of a Spark cluster. Say local[2] for two cores of this "
            "machine, spark://HOST:7077, k8s://https://HOST:PORT or yarn (--master, or "
            "NORTHWAY_SPARK_MASTER)."
        )
    return [(host, int(port)) for host, _, port in named]


def _refusal(host: str, port: int) -> str:
    """Return why nobody can be talked to there; empty where somebody listens."""
    try:
        socket.create_connection((host, port), timeout=ANSWERS_WITHIN_S).close()
    except OSError as error:
        return f"{host}:{port}: {error.strerror or error}"
    return ""
