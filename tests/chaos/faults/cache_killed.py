"""The cache and broker is killed, and comes back empty or not."""

import os
import signal
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS

TITLE = "cache and broker away for 5 s"


def strike(scene: Scene) -> None:
    """Kill -9; the supervisor starts it again after a while."""
    with scene.product.holding(SERVERS):
        os.kill(scene.product.pid("valkey"), signal.SIGKILL)
        sleep(5)
    sleep(3)
