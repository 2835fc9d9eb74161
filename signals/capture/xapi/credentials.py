"""L1: whose statements are these? Basic with a key's id and secret, or Bearer with the secret."""

import base64
import binascii
from datetime import datetime

from signals.capture.keys import PREFIX_LENGTH, find_key
from signals.capture.problems import Problem
from signals.data import SourceKey

SCOPE = "capture"
BASIC, BEARER = "basic", "bearer"


def key_of(header: str | None, *, now: datetime) -> SourceKey:
    """Return the key of an Authorization header; a Problem when none in force may send."""
    scheme, _, credential = (header or "").strip().partition(" ")
    if scheme.lower() == BEARER:
        name, secret = None, credential.strip()
    elif scheme.lower() == BASIC:
        name, secret = _pair(credential)
    else:
        raise _unknown("Send Authorization: Basic with the key's id and the key, or Bearer.")
    key = None if "\x00" in secret else find_key(secret, now=now)
    if key is None or name not in (None, secret[:PREFIX_LENGTH], key.name):
        raise _unknown("The key is unknown, revoked or expired, or the name is not its own.")
    if SCOPE not in key.scopes:
        raise Problem(403, "Not allowed", f"This key lacks the scope {SCOPE}.")
    return key


def _pair(credential: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(credential.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _unknown("Basic takes name:key in base64.") from error
    name, _, secret = text.partition(":")
    return name, secret


def _unknown(detail: str) -> Problem:
    return Problem(401, "Not authenticated", detail)
