"""L1: how may a learner's browser send events to us? An hour's token for one learner, one origin.

The learning platform mints it with its key; the page holds the token and never the key. Whoever
ends the key ends its tokens, within seconds (`keys.holds`).
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

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
    key: str  # the prefix of the key it was minted with, without which it holds no longer
    until: int  # seconds since 1970


def mint(
    source_id: int, learner_id: int, origin: str, *, key: str, now: datetime
) -> tuple[str, datetime]:
    """Return a signed token and when it ends, unless its key, named by its prefix, ends before."""
    until = now + LIFETIME
    content = [source_id, learner_id, origin, key, int(until.timestamp())]
    return MARK + signing.dumps(content, salt=_SALT, compress=True), until


def read(text: str, *, now: datetime) -> Token | None:
    """Return what a token says, None when it is forged or over."""
    token = once(text)
    return None if token is None or token.until <= now.timestamp() else token


def once(text: str) -> Token | None:
    """Return what a token says or said while it held, None when it is forged."""
    try:
        content = signing.loads(text.removeprefix(MARK), salt=_SALT)
    except signing.BadSignature:
        return None
    return Token(*content) if len(content) == len(fields(Token)) else None


def source_of(text: str) -> int | None:
    """Return the source of a token that holds or is over, None when it is forged."""
    token = once(text)
    return None if token is None else token.source_id
