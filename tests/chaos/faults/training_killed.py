"""A night's training is killed in the middle, and at the moment it publishes."""

import signal
import subprocess
import sys
from time import monotonic, sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import children, signalled
from tests.signals.spool.deployment import ROOT

TITLE = "training killed in the middle, and while it publishes"
LONGEST_S = 60.0


def strike(scene: Scene) -> None:
    """Kill it twice; the live model stays, and nothing unfinished can be read."""
    before = scene.product.live()
    _train(scene, until_publishing=False)
    _train(scene, until_publishing=True)
    if scene.product.live() != before:
        scene.notes.append("another model is live after a training that was killed")


def _train(scene: Scene, *, until_publishing: bool) -> None:
    command = [sys.executable, "-W", "ignore", "manage.py", "retrain"]
    training = subprocess.Popen(  # noqa: S603  our own command
        command,
        env=scene.product.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = monotonic() + LONGEST_S
    while training.poll() is None and monotonic() < end:
        if until_publishing and [*scene.product.models.glob("*.tmp")]:
            break
        if not until_publishing and monotonic() > end - LONGEST_S + 4:
            break
        sleep(0.002)
    signalled(children(training.pid), signal.SIGKILL)
    training.wait(30)
