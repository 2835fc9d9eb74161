"""Bodies of a hundred megabytes, sent as fast as they go, and never to their end."""

import socket
from contextlib import closing, suppress

from tests.chaos.faults.base import Scene

TITLE = "bodies of 100 MB, and such that never end"
SIZE, PIECE = 100_000_000, b" " * 1_000_000


def strike(scene: Scene) -> None:
    """Send ten; half of them hang up in the middle."""
    address = ("127.0.0.1", scene.product.port)
    for number in range(10):
        with (
            suppress(OSError),
            closing(socket.create_connection(address, timeout=20)) as line,
        ):
            head = (
                "POST /signals/v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {scene.product.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {SIZE}\r\n\r\n"
            )
            line.sendall(head.encode())
            for _ in range(SIZE // len(PIECE) if number % 2 else 3):
                line.sendall(PIECE)
            if number % 2:
                answer = line.recv(12)
                if answer and not answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400")):
                    scene.notes.append(f"a huge body was answered {answer!r}")
