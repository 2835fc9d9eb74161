"""Web workers are killed at any moment, between commit and reply too."""

import os
import signal
from contextlib import suppress
from time import sleep

from tests.chaos.faults.base import Scene

TITLE = "web workers killed, four times"
HANGS_UP = True


def strike(scene: Scene) -> None:
    """Kill -9; the server starts others."""
    for number in range(4):
        with suppress(ProcessLookupError, IndexError):
            os.kill(scene.product.workers()[number % 2], signal.SIGKILL)
        sleep(1.5 + 0.13 * number)
