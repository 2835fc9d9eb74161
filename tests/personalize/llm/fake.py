"""A server that speaks chat completions, as well or as badly as a test wants."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = Callable[[dict[str, Any]], bytes]


class Server(ThreadingHTTPServer):
    """The server with what it was asked, and what it does with it."""

    daemon_threads = True
    asked: list[dict[str, Any]]
    headers: list[dict[str, str]]
    says: Said
    status = 200
    location = ""
    stopped: threading.Event
    never = False  # it takes the question and says nothing until it is stopped
    drips = False  # it sends a byte at a time, for ever
    drips_early = False  # and that before its headers end

    @property
    def url(self) -> str:
        """Return where it stands, as an operator would write it."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """One question."""

    server: Server

    def do_POST(self) -> None:
        """Answer as the test wants."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(json.loads(body))
        self.server.headers.append(dict(self.headers))
        if self.server.never:
            self.server.stopped.wait()
            return
        if self.server.drips or self.server.drips_early:
            self._drip()
            return
        said = self.server.says(json.loads(body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        if self.server.drips_early:
            self.flush_headers()
            self.wfile.write(b"X-Slow: ")
        else:
            self.end_headers()
        while not self.server.stopped.wait(0.02):
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def completion(text: str, *, tokens: tuple[int, int] = (100, 20)) -> bytes:
    """Return a completion as such servers send it."""
    told = {
        "choices": [{"message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]},
    }
    return json.dumps(told).encode()


def sources_of(asked: dict[str, Any]) -> list[str]:
    """Return the sources a request gave."""
    given = json.loads(asked["messages"][-1]["content"])
    return list(given["sources"].values())


def honest(asked: dict[str, Any]) -> bytes:
    """Repeat the first source and cite it."""
    return completion(f"{sources_of(asked)[0]} [1]")


@contextmanager
def serving(says: Said = honest) -> Iterator[Server]:
    """Run a server while a test asks it."""
    server = Server(("127.0.0.1", 0), Handler)
    server.asked, server.headers, server.says = [], [], says
    server.stopped = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
