"""Which backends are there? (L5) One line each; a file is loaded when somebody chose it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.utils.module_loading import import_string

from personalize.llm.base import Backend


@dataclass(frozen=True, slots=True)
class Kind:
    """A backend before it is loaded."""

    path: str
    sentence: str  # what it is, for people
    remote: bool  # it asks a server: it needs an address and a model


BACKENDS: Mapping[str, Kind] = {
    "offline": Kind("personalize.llm.offline.Offline", "No language model", remote=False),
    "openai_compatible": Kind(
        "personalize.llm.openai_compatible.OpenAICompatible",
        "A server that speaks chat completions",
        remote=True,
    ),
}
OFFLINE = "offline"


def create(name: str, *, base_url: str = "", model: str = "", key: str = "") -> Backend:
    """Return a backend by its name. Raises KeyError for one there is not."""
    kind = BACKENDS[name]
    made = import_string(kind.path)
    if not kind.remote:
        return cast("Backend", made())
    return cast("Backend", made(base_url=base_url, model=model, key=key))
