"""A learning platform of another origin: serves a course page and mints tokens with its key."""

import json
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.factories import new_key

HERE = Path(__file__).parent / "pages"
SNIPPET = Path(__file__).parents[2] / "static" / "snippet" / "northway.js"
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
# Nothing but scripts of its own and of Northway, and connections to both.
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self' {northway}"


@dataclass
class Platform:
    """A running platform; `minted` counts the tokens its server was asked for."""

    northway: str
    learner: str = "ada"
    key: str = ""
    minted: int = 0
    tokens: list[str] = field(default_factory=list)  # handed out before any true one
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Return its origin: another host and port than Northway's."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def page(self) -> str:
        """Return the address of its course page."""
        return f"{self.url}/course.html"

    def start(self) -> None:
        """Serve on a free port."""
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.key = new_key("lms", "capture", "tokens", origins=[self.url])

    def stop(self) -> None:
        """Serve no longer."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer with a file of the page, or with a token for its learner."""
        name = handler.path.partition("?")[0].strip("/")
        if name == "token":
            self._send(handler, json.dumps({"token": self._token()}).encode(), "application/json")
            return
        path = SNIPPET if name == SNIPPET.name else HERE / name
        if name in {SNIPPET.name, *(file.name for file in HERE.iterdir())}:
            self._send(handler, path.read_bytes(), KINDS[path.suffix])
        else:
            handler.send_error(404)

    def _token(self) -> str:
        self.minted += 1
        if self.tokens:
            return self.tokens.pop(0)
        connection = HTTPConnection(urlsplit(self.northway).netloc, timeout=10)
        asked = json.dumps({"learner": self.learner, "origin": self.url})
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/signals/v1/tokens", asked, headers)
        answer = json.load(connection.getresponse())
        connection.close()
        return str(answer["token"])

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes, kind: str) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Cache-Control", "no-store")
        handler.send_header("Content-Security-Policy", POLICY.format(northway=self.northway))
        handler.end_headers()
        handler.wfile.write(body)
