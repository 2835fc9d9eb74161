"""A web process that is asked too much refuses what waited too long, events before lists."""

import socket
from collections.abc import Iterator
from time import monotonic
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import ThreadWorker

from personalize.web import Worker

LIST, EVENTS, STATEMENTS, PAGE = (
    "/personalize/v1/recommendations",
    "/signals/v1/batch",
    "/xapi/statements",
    "/home/",
)


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return both ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    ("path", "waited_s", "refused"),
    [
        (EVENTS, 0.3, False),
        (EVENTS, 0.6, True),
        (STATEMENTS, 0.6, True),
        (LIST, 0.6, False),
        (LIST, 6.1, False),
        (LIST, 8.1, True),
        (PAGE, 60.0, False),
    ],
)
def test_what_waited_too_long_is_refused(
    line: tuple[socket.socket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    waited_s: float,
    refused: bool,
) -> None:
    ours, theirs = line
    body = b'{"batch":[]}'
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    ours.sendall(head.encode() + body)
    request = next(RequestParser(Config(), theirs, ("127.0.0.1", 1)))
    worker = object.__new__(Worker)
    worker.cfg = Config()
    answered, counted = list[object](), list[str]()
    worker.count = counted.append
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda *given: answered.append(given))
    came = SimpleNamespace(
        sock=theirs,
        client=("127.0.0.1", 1),
        server=("127.0.0.1", 2),
        waits_since=monotonic() - waited_s,
    )

    worker.handle_request(request, came)

    assert bool(answered) is not refused
    assert counted == [path] * refused
    if refused:
        told = ours.recv(4096)
        assert told.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 2\r\n" in told
        assert b"Ask again" in told
