"""The cache answers nothing at all, and then goes on."""

import os
import signal
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS

TITLE = "cache and broker hang for 5 s"


def strike(scene: Scene) -> None:
    """Stop it where it is, and let it go on."""
    with scene.product.holding(SERVERS):
        pid = scene.product.pid("valkey")
        os.kill(pid, signal.SIGSTOP)
        try:
            sleep(5)
        finally:
            os.kill(pid, signal.SIGCONT)
    sleep(2)
