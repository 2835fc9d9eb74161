"""How does a web process wait for a request that comes slowly? Without giving it a thread.

gunicorn gives a connection a thread and reads there, so that sixteen clients which send a byte a
second keep sixteen threads. Here a connection has none until the head of its request and the first
part of its body are there; the kernel says when (SO_RCVLOWAT). A proxy in front does the same and
more; who has none is not stopped by a few idle clients. TLS and other sockets than TCP are left as
they are: there the proxy is.
"""

import re
import select
import socket
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import _DEFER, ThreadWorker

HEAD_MOST = 65_536  # bytes; a longer head is refused by the parser
BODY_WAITED = 32_768  # bytes of a body that are waited for without a thread
SLOWEST_S = 20.0  # for that much
END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
ASKS_FIRST = re.compile(rb"\r\nexpect:", re.IGNORECASE)  # sends no body until it is told to


def lacking(arrived: bytes) -> int:
    """Return how many bytes at least are still to come of a request; 0 where it may be read."""
    end = arrived.find(END)
    if end < 0:
        return 1 if len(arrived) < HEAD_MOST else 0
    head = arrived[: end + len(END)]
    stated = LENGTH.search(head)
    if stated is None or ASKS_FIRST.search(head):
        return 0
    return max(0, len(head) + min(int(stated[1]), BODY_WAITED) - len(arrived))


class SlowClients(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Threads for requests that are there."""

    def handle(self, conn: Any) -> Any:
        """Answer what is there; put aside what is not, and close what takes too long."""
        if self.cfg.is_ssl or conn.sock.family not in {socket.AF_INET, socket.AF_INET6}:
            return super().handle(conn)
        began = getattr(conn, "comes_since", None)
        if began is None and conn.parser is not None and conn.parser.unreader.buf.getvalue():
            return super().handle(conn)  # the beginning of this one was read with the last one
        missing = self._missing(conn.sock)
        if missing:
            conn.comes_since = began or monotonic()
            if monotonic() - conn.comes_since > SLOWEST_S:
                return False
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, missing)
            return _DEFER
        if began is not None:
            conn.comes_since = None
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        return super().handle(conn)

    @staticmethod
    def _missing(line: socket.socket) -> int:
        """Return how many bytes are to be waited for, from the first; 0: read what there is."""
        try:
            arrived = line.recv(HEAD_MOST + BODY_WAITED, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 1
        except OSError:
            return 0
        more = lacking(arrived) if arrived else 0
        if more and _hung_up(line):
            return 0
        return len(arrived) + more if more else 0


def _hung_up(line: socket.socket) -> bool:
    """Say whether nothing more will come; it looks readable for ever."""
    looked = select.poll()
    looked.register(line, select.POLLRDHUP)
    return bool(looked.poll(0))
