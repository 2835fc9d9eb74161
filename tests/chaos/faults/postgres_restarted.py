"""PostgreSQL is restarted by an operator."""

import os
import signal
from time import sleep

from tests.chaos.faults.base import Scene

TITLE = "PostgreSQL restarted, connections cut"


def strike(scene: Scene) -> None:
    """Fast shutdown, which ends every session; the supervisor starts it again."""
    os.kill(scene.product.pid("postgres"), signal.SIGINT)
    sleep(5)
