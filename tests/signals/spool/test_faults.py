"""Is every acknowledged event stored exactly once, whatever dies? The clients keep a ledger."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.signals.spool.deployment import Deployment, Ledger, deployed

pytestmark = pytest.mark.prove

AWAY_S = float(os.environ.get("NORTHWAY_AWAY_S", "60"))


@pytest.fixture(scope="module")
def northway() -> Iterator[Deployment]:
    """Return a deployment whose servers write to a disk."""
    with tempfile.TemporaryDirectory(prefix="northway-faults-") as folder:
        Path(folder).chmod(0o755)
        with deployed(Path(folder) / "var") as deployment:
            yield deployment


def told(northway: Deployment, ledger: Ledger) -> None:
    """Hold the ledger against what is stored."""
    northway.drained()
    stored = northway.stored()
    print(f"{len(ledger.sent)} sent, {len(ledger.acked)} acknowledged,", end=" ")  # noqa: T201
    print(f"{ledger.spooled} by disk, answers {ledger.statuses}")  # noqa: T201
    assert len(stored) == len(set(stored))
    mine = set(stored) & ledger.sent
    assert ledger.acked <= mine, f"{len(ledger.acked - mine)} acknowledged events are lost"
    assert ledger.acked


def test_postgresql_is_away_for_a_while(northway: Deployment) -> None:
    ledger = Ledger()
    before = set(northway.stored())
    with northway.clients(ledger):
        sleep(2)
        northway.kill_postgres()
        sleep(AWAY_S)
        northway.start_postgres()
        sleep(5)
    told(northway, ledger)
    assert ledger.spooled > 0
    assert set(northway.stored()) - before <= ledger.sent


def test_postgresql_is_killed_and_comes_back(northway: Deployment) -> None:
    ledger = Ledger()
    with northway.clients(ledger):
        for _ in range(3):
            sleep(2)
            northway.kill_postgres()
            sleep(1)
            northway.start_postgres()
        sleep(3)
    told(northway, ledger)


def test_web_workers_are_killed(northway: Deployment) -> None:
    ledger = Ledger()
    with northway.clients(ledger):
        for _ in range(4):
            sleep(2)
            os.kill(northway.workers()[0], signal.SIGKILL)
        sleep(2)
    told(northway, ledger)


def test_workers_are_killed_while_postgresql_is_away(northway: Deployment) -> None:
    northway.settled()
    ledger = Ledger()
    with northway.clients(ledger):
        sleep(1)
        northway.kill_postgres()
        for _ in range(2):
            sleep(8)
            os.kill(northway.workers()[0], signal.SIGKILL)
        sleep(15)
        northway.start_postgres()
        sleep(4)
    told(northway, ledger)
    assert ledger.spooled > 0


def test_the_disk_of_the_spool_is_full(northway: Deployment) -> None:
    spool = northway.var / "spool"
    northway.settled()
    northway.drained()
    mounted = subprocess.run(  # noqa: S603  a file system of our own
        ["/bin/mount", "-t", "tmpfs", "-o", "size=160k,mode=0700", "tmpfs", str(spool)], check=False
    )
    if mounted.returncode:
        pytest.skip("no file system of a fixed size can be made here")
    try:
        sleep(11)  # until the card of the node is written anew, on the small disk
        ledger = Ledger()
        northway.settled()
        with northway.clients(ledger):
            northway.kill_postgres()
            sleep(20)
            northway.start_postgres()
            sleep(5)
        told(northway, ledger)
        assert ledger.statuses.get(503, 0) > 0
        assert ledger.spooled > 0
    finally:
        subprocess.run(["/bin/umount", str(spool)], check=True)  # noqa: S603  as above
