"""A request that comes slowly has no thread meanwhile; one that is there is answered as ever."""

import os
import selectors
import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from time import monotonic, sleep

import pytest
from gunicorn import sock as listening
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from personalize import slow_clients
from personalize.slow_clients import BODY_WAITED, HEAD_MOST, SlowClients, lacking

HEAD = b"POST /signals/v1/batch HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
BODY = b"0123456789"


def test_a_request_is_read_when_it_is_whole_and_not_before() -> None:
    for arrived in range(len(HEAD + BODY) + 1):
        missing = lacking((HEAD + BODY)[:arrived])

        assert (missing == 0) == (arrived == len(HEAD + BODY))
        assert arrived + missing <= len(HEAD + BODY)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        HEAD[:-2] + b"Expect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"x" * HEAD_MOST,
    ],
    ids=["no body", "asks first", "chunked", "never ends"],
)
def test_what_states_no_length_is_read_from_its_head_on(head: bytes) -> None:
    assert lacking(head) == 0


def test_of_a_large_body_the_beginning_is_waited_for() -> None:
    head = HEAD.replace(b"10", b"100000000")

    assert lacking(head) == BODY_WAITED


BEGUN = (b"", b"P", HEAD[:20], HEAD[:-1], HEAD, HEAD + BODY[:3])


def application(environ: dict[str, object], start_response: object) -> list[bytes]:
    """Answer with what was sent."""
    sent = environ["wsgi.input"].read()  # type: ignore[attr-defined]
    start_response("200 OK", [("Content-Length", str(len(sent)))])  # type: ignore[operator]
    return [sent]


class _App(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def load_config(self) -> None:
        self.cfg.set("threads", 1)

    def load(self) -> object:
        return application


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Run a worker with one thread in this process and return where it listens."""
    monkeypatch.setattr(slow_clients, "SLOWEST_S", 0.4)
    app = _App()
    app.cfg.set("bind", "127.0.0.1:0")
    log = Logger(Config())
    (listener,) = listening.create_sockets(app.cfg, log)
    worker = SlowClients(0, 0, [listener], app, 30, app.cfg, log)
    worker.wsgi = application
    worker.ppid = os.getppid()
    worker.tpool = worker.get_thread_pool()
    worker.poller = selectors.DefaultSelector()
    worker.method_queue.init()
    thread = Thread(target=worker.run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    worker.handle_exit(None, None)
    thread.join(30)
    worker.tmp.close()


def asked(port: int, body: bytes = BODY) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(HEAD.replace(b"10", b"%d" % len(body)) + body)
        return answer(line)


def answer(line: socket.socket) -> bytes:
    length = 0
    with line.makefile("rb") as read:
        while (header := read.readline()) not in {b"\r\n", b""}:
            if header.lower().startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
        return read.read(length)


def test_those_who_send_nothing_or_a_byte_now_and_then_keep_no_thread(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(6)]
    for line, begun in zip(lines, BEGUN, strict=True):
        line.sendall(begun)
    sleep(0.1)

    began = monotonic()
    assert asked(port) == BODY
    assert monotonic() - began < 3  # one thread, and six who would keep it

    lines[4].sendall(BODY)
    lines[5].sendall(BODY[3:])
    assert answer(lines[4]) == answer(lines[5]) == BODY
    lines[5].sendall(HEAD + BODY)  # the same connection again
    assert answer(lines[5]) == BODY
    for line in lines:
        line.close()


def test_who_hangs_up_in_the_middle_is_let_go_of(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(HEAD[:20])
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1024) == b""

    assert asked(port) == BODY


def test_who_takes_too_long_is_hung_up_on(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        began = monotonic()
        with suppress(OSError):
            while monotonic() - began < 10:
                line.sendall(b"a")
                sleep(0.05)
        assert 0.4 < monotonic() - began < 10

    assert asked(port) == BODY


def test_a_large_body_comes_whole(port: int) -> None:
    body = b"b" * (BODY_WAITED * 20)

    assert asked(port, body) == body
