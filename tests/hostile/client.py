"""One hostile connection: bytes out, an answer in. Nothing here refuses what HTTP forbids."""

import socket
from collections.abc import Mapping  # noqa: TC003  of a dataclass beside it
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from time import monotonic

PATIENCE_S = 30.0
LONGEST = 64 * 1024 * 1024  # bytes read of an answer


@dataclass(frozen=True)
class Asked:
    """A request as it goes out: `wire` are its bytes where it is no request HTTP knows."""

    group: str  # what the table counts it under
    method: str = "GET"
    path: str = "/"
    headers: tuple[tuple[str, str | bytes], ...] = ()
    body: bytes = b""
    wire: tuple[bytes, ...] = ()  # sent piece by piece, with a pause between them
    pause_s: float = 0.0
    closes: bool = False  # the server may answer by closing
    right: int = 0  # the one answer above 499 that would be right

    def pieces(self, host: str) -> tuple[bytes, ...]:
        """Return the bytes, in the pieces they are sent in."""
        if self.wire:
            return self.wire
        given: Mapping[str, str | bytes] = {name.lower(): value for name, value in self.headers}
        head = [f"{self.method} {self.path} HTTP/1.1".encode("utf-8", "surrogatepass")]
        if "host" not in given:
            head.append(f"Host: {host}".encode())
        if "x-forwarded-proto" not in given:
            head.append(b"X-Forwarded-Proto: https")
        for name, value in self.headers:
            raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
            head.append(name.encode("utf-8", "surrogatepass") + b": " + raw)
        if "content-length" not in given and "transfer-encoding" not in given:
            head.append(b"Content-Length: %d" % len(self.body))
        return (b"\r\n".join(head) + b"\r\n\r\n" + self.body,)


@dataclass(frozen=True)
class Answer:
    """What came of it; status 0 stands for none at all."""

    status: int
    took_s: float
    retry_after: str = ""
    kind: str = ""
    body: bytes = b""


@dataclass
class Connection:
    """A connection that is kept while the server keeps it."""

    address: tuple[str, int]
    host: str
    _socket: socket.socket | None = field(default=None, repr=False)

    def close(self) -> None:
        """Let it go."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
        self._socket = None

    def ask(self, asked: Asked) -> Answer:
        """Send a request; return the answer. A connection the server let go is opened anew once."""
        kept = self._socket is not None
        answer = self._once(asked)
        if answer.status == 0 and kept and not asked.closes:
            answer = self._once(asked)
        return answer

    def _once(self, asked: Asked) -> Answer:
        begun = monotonic()
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self.address, timeout=PATIENCE_S)
            for number, piece in enumerate(asked.pieces(self.host)):
                if number and asked.pause_s:
                    with suppress(TimeoutError):
                        self._socket.settimeout(asked.pause_s)
                        if not self._socket.recv(1, socket.MSG_PEEK):
                            break
                    self._socket.settimeout(PATIENCE_S)
                self._socket.sendall(piece)
            if asked.closes:
                self._socket.shutdown(socket.SHUT_WR)
            return self._read(asked, begun)
        except (OSError, HTTPException, ValueError):
            self.close()
            return Answer(0, monotonic() - begun)

    def _read(self, asked: Asked, begun: float) -> Answer:
        assert self._socket is not None
        response = HTTPResponse(self._socket, method=asked.method)
        response.begin()
        body = response.read(LONGEST)
        answer = Answer(
            response.status,
            monotonic() - begun,
            response.getheader("Retry-After", "") or "",
            response.getheader("Content-Type", "") or "",
            body,
        )
        if response.will_close or asked.wire:
            self.close()
        response.close()
        return answer
