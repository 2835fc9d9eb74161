"""L1: whom does a refused body name? Found in its JSON, as events and statements name learners."""

import json
import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

import msgspec

from signals.capture.xapi import agents
from signals.capture.xapi.valid.actors import IDENTIFIERS

WORDS_MOST = 20_000
_WORD = re.compile(rb"[^\x00-\x20\"'<>(){}\[\],;=&]{1,255}")


def names_in(raw: bytes) -> frozenset[str]:
    """Return the external ids a body names; none where it is no JSON."""
    return names_if_json(raw) or frozenset()


def names_if_json(raw: bytes) -> frozenset[str] | None:
    """Return the external ids a body names; None where it is no JSON, and may name anybody."""
    try:
        return frozenset(_names(msgspec.json.decode(raw)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def words_in(raw: bytes) -> frozenset[str]:
    """Return what may be an external id in a body that is no JSON: its words, up to a number."""
    found = islice(_WORD.finditer(raw), WORDS_MOST)
    words = {match[0].decode(errors="replace").removeprefix("mailto:") for match in found}
    return frozenset(words | {word.lower() for word in words if "@" in word})


def _names(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from _names(entry)
    elif isinstance(value, dict):
        name = value.get("learner")
        if isinstance(name, str) and name and "\x00" not in name:
            yield name
        if any(identifier in value for identifier in IDENTIFIERS):
            yield from _agent(value)
        for entry in value.values():
            yield from _names(entry)


def _agent(value: dict[str, Any]) -> Iterator[str]:
    try:
        name = agents.external_id(value)
    except (KeyError, TypeError, AttributeError):
        return  # what was refused need not be an agent
    if isinstance(name, str) and "\x00" not in name:
        yield name


def without(raw: bytes, names: Collection[str]) -> bytes | None:
    """Return a body of several without the entries that name somebody; None where none is left."""
    body = msgspec.json.decode(raw)
    entries = body.get("batch") if isinstance(body, dict) else body
    if not isinstance(entries, list):
        return None
    left = [entry for entry in entries if not set(_names(entry)) & set(names)]
    if not left:
        return None
    return msgspec.json.encode({**body, "batch": left} if isinstance(body, dict) else left)


def holds_text(raw: bytes, name: str) -> bool:
    """Say whether a name stands in a body anywhere, as it is or as JSON writes it in ASCII."""
    return name.encode() in raw or json.dumps(name)[1:-1].lower().encode() in raw.lower()
