"""L1: where does a statement of others name somebody besides its agents? In what it is extended by.

Extensions hold anything. Those that say a name, an address or an id of the one who is forgotten
go; a name of few letters stands in too many words to be looked for.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from signals.capture.xapi import agents

EXTENSIONS = "extensions"
SHORTEST = 4  # letters

Json = Mapping[str, Any]


def words_of(body: Json, external_id: str) -> frozenset[str]:
    """Return under what an agent of a statement is known: their id, and the name beside it."""
    words = {external_id}

    def look(agent: Json) -> Json | None:
        name = agent.get("name")
        if agents.external_id(agent) == external_id and isinstance(name, str):
            words.add(name)
        return None

    agents.replaced(body, look)
    return frozenset(word.casefold() for word in words if len(word) >= SHORTEST)


def without_extensions(value: Any, words: Collection[str]) -> Any:
    """Return a statement without the extensions that say one of these words."""
    if isinstance(value, list):
        return [without_extensions(entry, words) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {name: without_extensions(entry, words) for name, entry in value.items()}
    extensions = kept.get(EXTENSIONS)
    if isinstance(extensions, dict):
        kept[EXTENSIONS] = {
            name: said for name, said in extensions.items() if not _says(name, said, words)
        }
    return kept


def _says(name: str, said: object, words: Collection[str]) -> bool:
    text = f"{name} {msgspec.json.encode(said).decode()}".casefold()
    return any(word in text for word in words)
