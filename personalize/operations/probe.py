"""For operators: is the web server at an address ready? `python -m personalize.operations.probe`

Asks /readyz (or another path) of HOST:PORT or unix:/path and ends with 0 where it answers 200. With
--wait it asks until then. Imports nothing of Django, since it is asked every few seconds.
"""

import argparse
import http.client
import os
import socket
import sys
import time
from collections.abc import Sequence

ASK_EVERY_S = 0.2
TIMEOUT_S = 5.0


class Over(http.client.HTTPConnection):
    """A connection over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(self._path)


def status(address: str, path: str) -> int:
    """Return the status an address answers with; 0 where nobody answers."""
    host = os.environ.get("ALLOWED_HOSTS", "").partition(",")[0].lstrip(".") or "localhost"
    kind, _, place = address.partition(":")
    connection = (
        Over(place) if kind == "unix" else http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    )
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def main(words: Sequence[str]) -> int:
    """Ask, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m personalize.operations.probe")
    parser.add_argument("address", help="HOST:PORT or unix:/path")
    parser.add_argument("--path", default="/readyz")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS")
    asked = parser.parse_args(words)
    until = time.monotonic() + asked.wait
    while (found := status(asked.address, asked.path)) != http.client.OK:
        if time.monotonic() >= until:
            sys.stderr.write(f"{asked.address}{asked.path} answers {found or 'nothing'}\n")
            return 1
        time.sleep(ASK_EVERY_S)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
