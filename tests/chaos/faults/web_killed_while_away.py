"""The whole web server dies while PostgreSQL is away and events wait on disk."""

import signal
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS, children, signalled

TITLE = "web server killed while PostgreSQL is away"
HANGS_UP = True


def strike(scene: Scene) -> None:
    """Kill both; the web server comes back first and serves from the snapshot of its node."""
    with scene.product.holding(SERVERS):
        scene.product.kill_postgres()
        sleep(4)
        assert scene.product.web is not None
        signalled(children(scene.product.web.pid), signal.SIGKILL)
        scene.product.web.wait(30)
        sleep(8)
    sleep(2)
