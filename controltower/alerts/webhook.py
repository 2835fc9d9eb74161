"""People at the controls: how does an alert reach another system, so that it can trust it? Signed.

`Northway-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 of "SECONDS.BODY" under the shared
secret: whoever receives it computes the same and refuses what is older than some minutes. Addresses
are those an operator listed (ALERT_WEBHOOKS); https, or with `private:` before it any of a private
network. The name is looked up once and the connection goes to what was checked; no redirects.
"""

import hashlib
import hmac
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from signals.data import is_public

PRIVATE = "private:"
TIMEOUT_S = 5.0
PORTS = {"https": 443, "http": 80}
OK = range(200, 300)


class NotDeliveredError(Exception):
    """Why a message did not arrive."""


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """Return the header that proves who sent a body, and when."""
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"


def post(address: str, content: Mapping[str, object], *, secret: str, at: datetime) -> None:
    """Send a signed message. Raises NotDeliveredError."""
    if not secret:
        raise NotDeliveredError("ALERT_SECRET is not set, so nothing is sent unsigned.")
    may_be_private = address.startswith(PRIVATE)
    parts = urlsplit(address.removeprefix(PRIVATE))
    if parts.scheme not in PORTS or not parts.hostname or parts.username:
        raise NotDeliveredError("An address looks like https://host/path.")
    if parts.scheme == "http" and not may_be_private:
        raise NotDeliveredError("Over http everybody on the way reads along: use https.")
    body = json.dumps(content, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        "Northway-Signature": signature(secret, body, at=at),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        number = _number(parts.hostname, may_be_private=may_be_private)
        port = parts.port or PORTS[parts.scheme]
        connection = _Pinned(parts.hostname, port, number, secure=parts.scheme == "https")
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDeliveredError(f"It did not answer ({type(error).__name__}).") from error
    if status not in OK:  # a redirect is an answer like any other: not followed
        raise NotDeliveredError(f"It answered {status}.")


def _number(host: str, *, may_be_private: bool) -> str:
    numbers = [
        str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    ]
    if not may_be_private and not all(map(is_public, numbers)):
        raise NotDeliveredError(f"{host} stands in a private network.")
    return numbers[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to the number that was checked, under the name that was asked for."""

    def __init__(self, host: str, port: int, number: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._number, self._secure = number, secure

    def connect(self) -> None:
        """Connect to the number."""
        plain = socket.create_connection((self._number, self.port), self.timeout)
        self.sock = plain
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self.host)
