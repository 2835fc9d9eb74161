"""How long do answers take? A small keep-alive HTTP/1.1 client and the threads that use it.

The client shares two cores with what it measures, so it reads no more of an answer than status,
length and body.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

TIMEOUT_S = 30.0


class Connection:
    """One keep-alive connection to 127.0.0.1."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def post(self, path: str, body: bytes, *, key: str) -> tuple[int, bytes]:
        """Return (status, body) of one POST of JSON."""
        self._socket.sendall(
            b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b"
            % (path.encode(), key.encode(), len(body), body)
        )
        return self._answer()

    def get(self, path: str) -> tuple[int, bytes]:
        """Return (status, body) of one GET."""
        self._socket.sendall(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path.encode())
        return self._answer()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _answer(self) -> tuple[int, bytes]:
        head, _, self._rest = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        status = int(lines[0].split(b" ", 2)[1])
        length = next(
            int(line[15:]) for line in lines[1:] if line[:15].lower() == b"content-length:"
        )
        while len(self._rest) < length:
            self._rest += self._receive()
        body, self._rest = self._rest[:length], self._rest[length:]
        return status, body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._rest += self._receive()
        return self._rest

    def _receive(self) -> bytes:
        received = self._socket.recv(1 << 18)
        if not received:
            raise ConnectionError("the server hung up; see its log")
        return received


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of requests took."""

    requests: int
    seconds: float
    latencies_ms: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    bodies: tuple[bytes, ...]

    @property
    def per_s(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds

    def percentile(self, q: float) -> float:
        """Milliseconds that q percent of the answers did not exceed."""
        return float(np.percentile(self.latencies_ms, q))


def run(
    requests: Sequence[Callable[[Connection], tuple[int, bytes]]], *, port: int, clients: int
) -> Measured:
    """Send every request once, spread over the clients; raise where an answer is not 200."""
    latencies = np.zeros(len(requests))
    bodies: list[bytes] = [b""] * len(requests)
    failures: list[str] = []

    def client(first: int) -> None:
        connection = Connection(port)
        try:
            for index in range(first, len(requests), clients):
                started = perf_counter()
                status, body = requests[index](connection)
                latencies[index] = (perf_counter() - started) * 1000
                bodies[index] = body
                if status != 200:
                    failures.append(f"{status}: {body[:300]!r}")
                    return
        except OSError as problem:
            failures.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(first,)) for first in range(clients)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - started
    if failures:
        raise RuntimeError(f"{len(failures)} of {clients} clients stopped: {failures[0]}")
    return Measured(len(requests), seconds, latencies, tuple(bodies))
