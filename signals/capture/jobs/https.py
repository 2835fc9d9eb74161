"""L1: how is a listed address read? Within its time and size, and never in a private network.

An entry of JOB_FEEDS is a whole address; `private:` before it lets it stand in a private network.
The name is looked up once and the connection made to the number found, so that a name cannot turn
into another address between check and call. Redirects are answers like any other: not followed.
"""

import http.client
import socket
import ssl
from contextlib import suppress
from threading import Timer
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings

from signals.capture.jobs.base import JobSourceError
from signals.data import is_public

PRIVATE = "private:"
OK = 200
LARGEST = 32 * 1024 * 1024  # bytes
SECONDS = 60.0  # until all of it is here
READ_AT_ONCE = 64 * 1024


def feeds() -> tuple[str, ...]:
    """Return the addresses an operator listed."""
    return tuple(entry.removeprefix(PRIVATE) for entry in settings.JOB_FEEDS)


def fetch(url: str, *, seconds: float = SECONDS, largest: int = LARGEST) -> bytes:
    """Return what stands at a listed address. Raises JobSourceError."""
    private = _allowed(url)
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    number = _number(host, port, private=private)
    connection = _Pinned(host, port, number=number, secure=secure, seconds=seconds)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # Not a timeout of each read: whoever drips would never meet one.
    end = Timer(seconds, connection.cut)
    end.daemon = True
    end.start()
    until = monotonic() + seconds
    try:
        connection.request(
            "GET", path, headers={"Accept": "application/json", "Accept-Encoding": "identity"}
        )
        answer = connection.getresponse()
        if answer.status != OK:
            raise JobSourceError(f"{host} answered {answer.status}.")
        return _whole(answer, host, until=until, largest=largest)
    except (OSError, http.client.HTTPException) as error:
        raise JobSourceError(f"{host} did not answer ({type(error).__name__}).") from error
    finally:
        end.cancel()
        connection.close()


def _allowed(url: str) -> bool:
    """Return whether a listed address may be private. Raises JobSourceError for any other."""
    parts = urlsplit(url)
    entry = next((one for one in settings.JOB_FEEDS if one.removeprefix(PRIVATE) == url), None)
    if entry is None:
        raise JobSourceError(
            "This address is not listed: whoever runs the product adds it to JOB_FEEDS."
        )
    private = entry.startswith(PRIVATE)
    if parts.scheme not in ({"https", "http"} if private else {"https"}) or parts.username:
        raise JobSourceError("A feed's address looks like https://host/posts.json.")
    return private


def _number(host: str, port: int, *, private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        numbers = [str(entry[4][0]) for entry in found]
    except (OSError, UnicodeError) as error:
        raise JobSourceError(f"No address was found for {host}.") from error
    if not private and not all(map(is_public, numbers)):
        raise JobSourceError(
            f"{host} stands in a private network; write private: before it to allow it."
        )
    return numbers[0]


def _whole(answer: http.client.HTTPResponse, host: str, *, until: float, largest: int) -> bytes:
    read = bytearray()
    while len(read) <= largest:
        piece = answer.read1(READ_AT_ONCE)
        if monotonic() >= until:  # what was cut ends as if it were whole
            raise JobSourceError(f"{host} took longer than its time.")
        if not piece:
            return bytes(read)
        read += piece
    raise JobSourceError(f"{host} sent more than {largest // 1024} KB.")


class _Pinned(http.client.HTTPConnection):
    """A connection to the number that was checked, under the name that was asked for."""

    def __init__(self, host: str, port: int, *, number: str, secure: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._number, self._secure = number, secure
        self._held: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the number."""
        plain = socket.create_connection((self._number, self.port), self.timeout)
        self._held = self.sock = plain
        if self._secure:
            self._held = self.sock = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self.host
            )

    def cut(self) -> None:
        """End whatever is waited for; called from another thread when the time is over."""
        if self._held is not None:
            with suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)
