"""Which addresses may a language model stand at? (L5) Those an operator listed, and no others.

An entry of LLM_URLS is the beginning of an address; `private:` before it lets it stand in a private
network, such as a model on the same machine. Names are looked up here and the connection is made to
the number found, so that a name cannot turn into another address between check and call.
"""

import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlowError
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from personalize.llm.base import BackendError, Clock
from signals.data import is_public

PRIVATE = "private:"
PORTS = {"https": 443, "http": 80}

_LOOKUPS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="llm-lookup")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a backend is asked: checked, and looked up."""

    secure: bool
    host: str
    port: int
    number: str  # the IP address to connect to
    path: str


class NotAllowedError(BackendError):
    """An address no operator listed, or one in a network it may not reach."""


def listed() -> tuple[str, ...]:
    """Return the addresses a backend may be given, as people choose among them."""
    return tuple(entry.removeprefix(PRIVATE) for entry in settings.LLM_URLS)


def check(url: str) -> None:
    """Raise NotAllowedError for an address that is not on the list; nothing is looked up."""
    _entry(url)


def resolve(url: str, clock: Clock) -> Address:
    """Return where to connect to. Raises NotAllowedError, BackendError where nobody is found."""
    may_be_private = _entry(url)
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        found = _LOOKUPS.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        numbers = [str(entry[4][0]) for entry in found.result(timeout=clock.left_s())]
    except (OSError, TooSlowError, UnicodeError) as error:
        raise BackendError(f"No address was found for {host}.") from error
    if not may_be_private and not all(map(is_public, numbers)):
        raise NotAllowedError(
            f"{host} stands in a private network. Write private: before it in LLM_URLS to allow it."
        )
    return Address(parts.scheme == "https", host, port, numbers[0], parts.path.rstrip("/"))


def _entry(url: str) -> bool:
    """Return whether the entry that allows an address lets it be private."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.query:
        raise NotAllowedError("An address looks like https://host/v1.")
    allowed = [entry for entry in settings.LLM_URLS if _begins(url, entry.removeprefix(PRIVATE))]
    if not allowed:
        raise NotAllowedError(
            "This address is not listed. Use a listed one, or let whoever runs the product add it"
            " to LLM_URLS and restart."
        )
    private = any(entry.startswith(PRIVATE) for entry in allowed)
    if parts.scheme == "http" and not private:
        raise NotAllowedError("Over http everybody on the way reads along: use https.")
    return private


def _begins(url: str, entry: str) -> bool:
    """Say whether an address is an entry's, or lies below it."""
    mine, listed_one = urlsplit(url), urlsplit(entry)
    if (mine.scheme, mine.hostname, mine.port) != (
        listed_one.scheme,
        listed_one.hostname,
        listed_one.port,
    ):
        return False
    path = listed_one.path.rstrip("/")
    return ".." not in mine.path and (mine.path == path or mine.path.startswith(path + "/"))
