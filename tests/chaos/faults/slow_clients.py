"""Clients that open connections and send a byte now and then."""

import socket
from contextlib import ExitStack, closing, suppress
from time import sleep

from tests.chaos.faults.base import Scene

TITLE = "sixty clients that send a byte a second"
SLOW, SECONDS = 60, 8


def strike(scene: Scene) -> None:
    """Hold connections open; who comes meanwhile is served."""
    with ExitStack() as held:
        lines = []
        for _ in range(SLOW):
            with suppress(OSError):
                line = socket.create_connection(("127.0.0.1", scene.product.port), timeout=2)
                lines.append(held.enter_context(closing(line)))
                line.sendall(b"POST /signals/v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        for _ in range(SECONDS):
            for line in lines:
                with suppress(OSError):
                    line.sendall(b"a")
            sleep(1)
