"""The worker and the clock die in the middle of their work."""

import signal
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import children, signalled

TITLE = "worker and clock killed, twice"


def strike(scene: Scene) -> None:
    """Kill -9; the supervisor starts them again."""
    for _ in range(2):
        for job in list(scene.product.jobs):
            signalled(children(job.pid), signal.SIGKILL)
        sleep(5)
    if any(job.poll() is not None for job in scene.product.jobs):
        scene.notes.append("worker or clock did not come back")
