"""L1: how is a kept statement shown? Exactly, in one language, or by ids alone (2.1.3)."""

from collections.abc import Sequence
from typing import Any

from signals.capture.xapi.statements import Json
from signals.capture.xapi.valid.actors import IDENTIFIERS

MOST_LANGUAGES = 20  # are looked for in each of a statement's texts
_MAPS = frozenset({"display", "description", "name"})


def shown(body: Json, chosen: str, languages: Sequence[str]) -> Json:
    """Return a statement in one of the formats."""
    if chosen == "ids":
        ids: Json = _ids(body)
        return ids
    if chosen == "canonical":
        one: Json = _canonical(body, languages)
        return one
    return body


def languages_of(header: str) -> list[str]:
    """Return the languages of Accept-Language, the preferred first."""
    weighed: list[tuple[float, str]] = []
    for entry in header.split(","):
        tag, _, weight = entry.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.lower()))
        except ValueError:
            continue
    preferred = [tag for _, tag in sorted(weighed, key=lambda pair: pair[0]) if tag]
    return preferred[:MOST_LANGUAGES]


def _canonical(value: Any, languages: Sequence[str], name: str = "") -> Any:
    if isinstance(value, list):
        return [_canonical(part, languages) for part in value]
    if not isinstance(value, dict) or name == "extensions":
        return value
    if name in _MAPS:
        return _one_language(value, languages)
    return {key: _canonical(part, languages, key) for key, part in value.items()}


def _one_language(texts: dict[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Return the text in the language asked for, else in the first there is."""
    for wanted in languages:
        for tag in texts:
            if tag.lower() == wanted or tag.lower().startswith(f"{wanted}-"):
                return {tag: texts[tag]}
    return dict(list(texts.items())[:1])


def _ids(value: Any) -> Any:
    """Return what identifies agents, activities and verbs, and the rest as it is."""
    if isinstance(value, list):
        return [_ids(part) for part in value]
    if not isinstance(value, dict):
        return value
    if any(name in value for name in IDENTIFIERS):
        kept = {"objectType", *IDENTIFIERS}
        return {key: part for key, part in value.items() if key in kept}
    dropped = {"definition", "display"}
    return {
        key: part if key in ("extensions", "attachments") else _ids(part)
        for key, part in value.items()
        if key not in dropped
    }
