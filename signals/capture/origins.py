"""L1: from where may pages of a source send with a token? Registered origins, known for seconds.

An origin is what a browser says of a page in the header Origin: scheme, host and port.
"""

import re
from collections.abc import Collection, Mapping
from time import monotonic
from urllib.parse import urlsplit

from django.db import transaction

from signals import ledger
from signals.capture.spool import away
from signals.clock import now
from signals.data import Actor
from signals.models import Source

CACHED_FOR_S = 5.0  # an origin taken away sends no longer than this
OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST = 255
DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")

Registered = Mapping[int, frozenset[str]]

_held: tuple[float, Registered] | None = None


class NoOriginError(ValueError):
    """A text is no origin as browsers send it; the message says what it should look like."""


def check(text: str) -> None:
    """Raise NoOriginError unless a text is an origin from which pages may send."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NoOriginError(f"{text[:80]!r} is no address: {error}.") from error
    if text != f"{parts.scheme}://{parts.netloc}" or "@" in text or len(text) > LONGEST:
        raise NoOriginError("An origin looks like https://lms.example:8443: no path, no name.")
    if parts.scheme not in DEFAULT_PORTS or (parts.scheme == "http" and host not in OWN_MACHINE):
        raise NoOriginError("An origin begins with https://, or with http:// on localhost alone.")
    spoken = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        spoken += f":{port}"
    if not _HOST.fullmatch(host) or parts.netloc != spoken:
        raise NoOriginError(
            "Write an origin as browsers do: small letters, other scripts as xn--, "
            "and a port only where it is not the usual one."
        )


def registered() -> Registered:
    """Return the origins of each active source.

    Raises django.db.Error when the database is away and they were never read here.
    """
    global _held
    held = _held
    if held is None or monotonic() - held[0] > CACHED_FOR_S:
        held = _held = (monotonic(), _read(held))
    return held[1]


def is_registered(origin: str, source_id: int | None = None) -> bool:
    """Say whether pages of an origin may send for a source; for any source where none is named."""
    known = registered()
    if source_id is not None:
        return origin in known.get(source_id, ())
    return any(origin in origins for origins in known.values())


def may_send(origin: str, source_id: int) -> bool:
    """Say whether a token of a source may name an origin, and be sent from there by a program.

    A source that lists origins has tokens for those alone. One that lists none has them for where
    its key says, and no browser sends one: its pages are not told that they may.
    """
    listed = registered().get(source_id)
    return listed is not None and (not listed or origin in listed)


def set_origins(source: Source, origins: Collection[str], *, actor: Actor) -> None:
    """Choose from where the pages of a source may send; NoOriginError for what is none."""
    for origin in origins:
        check(origin)
    chosen = sorted(set(origins))
    if source.origins == chosen:
        return
    with transaction.atomic():
        source.origins = chosen
        source.save(update_fields=["origins"])
        ledger.append(
            actor=actor,
            action="source.origins",
            subject=f"source:{source.name}",
            detail={"origins": chosen},
            now=now(),
        )
    forget_cached()


def forget_cached() -> None:
    """Read the origins again."""
    global _held
    _held = None


def _read(held: tuple[float, Registered] | None) -> Registered:
    try:
        away.check()
        rows = Source.objects.filter(active=True).values_list("pk", "origins")
        return {pk: frozenset(origins) for pk, origins in rows}
    except away.GONE:
        away.note()
        if held is None:
            raise
        return held[1]
