"""How does the demo world talk to the product? Keep-alive HTTP, patient where asked to wait (demo).

One connection a thread. What is sent may be sent again: events carry their ids, and asking for a
list twice harms nobody.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

TIMEOUT_S = 60
TRIES = 6
WAIT_S = 0.5  # before trying again, where the answer does not say how long
BUSY = frozenset({429, 502, 503})


class ProductError(RuntimeError):
    """The product did not answer as its interface promises; the text quotes the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()  # the Set-Cookie headers, which come more than once

    def json(self) -> Any:
        """Return the decoded body."""
        return json.loads(self.body)


class Client:
    """HTTP to one address, from any number of threads."""

    def __init__(self, host: str, port: int) -> None:
        """Keep the address; connect when needed."""
        self.host, self.port = host, port
        self._local = threading.local()

    def _connection(self, *, fresh: bool) -> HTTPConnection:
        known: HTTPConnection | None = getattr(self._local, "connection", None)
        if known is None or fresh:
            if known is not None:
                known.close()
            known = HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
            self._local.connection = known
        return known

    def close(self) -> None:
        """Hang up in this thread; the next request connects again."""
        known: HTTPConnection | None = getattr(self._local, "connection", None)
        if known is not None:
            known.close()

    def send(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send once, with one more try when a kept connection turns out to be closed."""
        for fresh in (False, True):
            connection = self._connection(fresh=fresh)
            try:
                connection.request(method, path, body or None, dict(headers or {}))
                response = connection.getresponse()
                content = response.read()
            except (HTTPException, ConnectionError, TimeoutError):
                if fresh:
                    raise
                continue
            cookies = tuple(response.headers.get_all("Set-Cookie", []))
            return Answer(response.status, dict(response.headers), content, cookies)
        raise AssertionError("unreachable")

    def post(self, path: str, data: object, *, headers: Mapping[str, str]) -> Any:
        """Post JSON and return the JSON of a 200; wait and repeat while the product is busy."""
        body = json.dumps(data, separators=(",", ":")).encode()
        told = {"Content-Type": "application/json", **headers}
        for left in reversed(range(TRIES)):
            try:
                answer = self.send("POST", path, body=body, headers=told)
            except (HTTPException, OSError) as error:
                if not left:
                    raise ProductError(f"POST {path}: {error!r}") from error
                time.sleep(WAIT_S)
                continue
            if answer.status == 200:
                return answer.json()
            if answer.status not in BUSY or not left:
                said = answer.body[:500].decode(errors="replace")
                raise ProductError(f"POST {path} answered {answer.status}: {said}")
            time.sleep(float(answer.headers.get("Retry-After", WAIT_S)))
        raise AssertionError("unreachable")
