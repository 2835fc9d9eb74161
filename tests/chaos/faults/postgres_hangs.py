"""PostgreSQL answers nothing at all, and then goes on."""

import signal
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS, children, signalled

TITLE = "PostgreSQL hangs for 6 s"
HANGS_S = 6.0


def strike(scene: Scene) -> None:
    """Stop all its processes where they are, and let them go on."""
    with scene.product.holding(SERVERS):
        processes = children(scene.product.pid("postgres"))
        signalled(processes, signal.SIGSTOP)
        try:
            sleep(HANGS_S)
        finally:
            signalled(processes, signal.SIGCONT)
    sleep(2)
