"""L1: how may a learner's browser send events to us? An hour's token for one learner, one origin.

The learning platform mints it with its key; the page holds the token and never the key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core import signing

MARK = "nwt_"
LIFETIME = timedelta(hours=1)
_SALT = "signals.capture.token"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says."""

    source_id: int
    learner_id: int
    origin: str


def is_origin(text: str) -> bool:
    """Return whether a text is an origin as browsers send it: scheme, host and port alone."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and text == f"{parts.scheme}://{parts.netloc}"
        and "@" not in parts.netloc
    )


def mint(token: Token, *, now: datetime) -> tuple[str, datetime]:
    """Return a signed token and when it ends."""
    until = now + LIFETIME
    content = [token.source_id, token.learner_id, token.origin, int(until.timestamp())]
    return MARK + signing.dumps(content, salt=_SALT, compress=True), until


def read(text: str, *, now: datetime) -> Token | None:
    """Return what a token says, None when it is forged or over."""
    try:
        content = signing.loads(text.removeprefix(MARK), salt=_SALT)
    except signing.BadSignature:
        return None
    source_id, learner_id, origin, until = content
    if until <= now.timestamp():
        return None
    return Token(source_id=source_id, learner_id=learner_id, origin=origin)
