"""Which algorithms are there? One line each; an algorithm is one file and one line (L3, pure)."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from personalize.algorithms.base import Recommender

ALGORITHMS: dict[str, str] = {
    "popularity": "personalize.algorithms.popularity.Popularity",
    "item_knn": "personalize.algorithms.item_knn.ItemKnn",
    "transitions": "personalize.algorithms.transitions.Transitions",
    "ease": "personalize.algorithms.ease.Ease",
    "graph_filter": "personalize.algorithms.graph_filter.GraphFilter",
    "session_knn": "personalize.algorithms.session_knn.SessionKnn",
    "choice": "personalize.algorithms.choice.Choice",
    "content": "personalize.algorithms.content.Content",
    "als": "personalize.algorithms.als.Als",
    "blend": "personalize.algorithms.blend.Blend",
}


def algorithm(name: str) -> type[Recommender]:
    """The class registered under the name. Raises LookupError that lists the known names."""
    if name not in ALGORITHMS:
        raise LookupError(f"No algorithm {name!r}; choose from {', '.join(ALGORITHMS)}")
    module, _, attribute = ALGORITHMS[name].rpartition(".")
    found: type[Recommender] = getattr(import_module(module), attribute)
    return found


def create(name: str, params: Mapping[str, Any] | None = None) -> Recommender:
    """An unfitted model with these parameters, or the defaults."""
    return algorithm(name)(**(params or {}))
