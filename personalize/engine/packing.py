"""How does a fitted recommender become arrays, and a recommender again? (L3)

The files of a model are named `<algorithm>.<array>`; the card says which algorithm serves and with
which parameters. Nothing here knows a single algorithm by name.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import IndexArray, PartsOf, Recommender
from personalize.algorithms.registry import algorithm
from personalize.engine.artifacts import Artifact

COURSE_IDS = "course_ids"
POPULAR = "popular"


@dataclass(frozen=True, slots=True)
class Parts:
    """Additive parts of k scores: `named` maps a part to (k,), `past` is (h, k)."""

    named: dict[str, NDArray[np.float64]]
    past: NDArray[np.float64]

    def scores(self) -> NDArray[np.float64]:
        """Return what the parts of each course sum to."""
        total: NDArray[np.float64] = self.past.sum(axis=0) + sum(self.named.values())
        return total


def positions(own: NDArray[np.int32], course_ids: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return where courses stand in a model's `own` ids (ascending); -1 for those it lacks."""
    at = np.minimum(np.searchsorted(own, course_ids), len(own) - 1)
    return np.where(own[at] == course_ids, at, -1).astype(np.int32)


def pack(model: Recommender) -> dict[str, NDArray[Any]]:
    """Return the arrays of a fitted model under the names of their files."""
    return {f"{model.name}.{name}": array for name, array in model.arrays().items()}


def unpack(artifact: Artifact) -> Recommender:
    """Return the fitted model; raise LookupError or ValueError when the arrays are not its own."""
    serves = artifact.card.serves
    prefix = f"{serves}."
    arrays = {
        name.removeprefix(prefix): array
        for name, array in artifact.arrays.items()
        if name.startswith(prefix)
    }
    return algorithm(serves).from_arrays(arrays, artifact.card.parameters[serves])


def explain(parts_of: PartsOf, positions: IndexArray) -> Parts:
    """Return the parts of these courses' scores; what no past course explains is popularity."""
    base, past = parts_of(positions)
    return Parts({POPULAR: base} if base.any() else {}, past)
