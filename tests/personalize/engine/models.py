"""Small models for the registry and for serving, as plain functions."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions
from personalize.algorithms.item_knn import ItemKnn
from personalize.engine import packing
from personalize.engine.artifacts import Card
from personalize.engine.popular import popular_arrays

COURSES = (4, 9, 11, 30)
FIELDS = ["Data", "Data", "Care", ""]


def card(version: str = "one", **changes: Any) -> Card:
    """Return the card of a model that was never measured."""
    values: dict[str, Any] = {
        "version": version,
        "trained_at": datetime(2026, 3, 1, tzinfo=UTC),
        "seed": 7,
        "serves": "item_knn",
        "learners": 3,
        "courses": len(COURSES),
        "pairs": 7,
        "weights": {"item_knn": 1.0},
        "parameters": {"item_knn": ItemKnn().params()},
        "metrics": {"blend": {"ndcg@10": 0.5}},
        "heldout": {"learners": 3.0},
        "excluded": {},
        "skipped": {},
    }
    return Card(**(values | changes))


def arrays() -> dict[str, NDArray[Any]]:
    """Return the arrays of a neighbour model: 4 goes with 9, 11 with 30, 4 is chosen most."""
    data = Interactions(
        learners=np.array([0, 0, 1, 1, 2, 2, 2], np.int32),
        courses=np.array([0, 1, 0, 1, 2, 3, 0], np.int32),
        times=np.array([1.0, 2, 1, 2, 1, 2, 3]),
        weights=np.ones(7, np.float32),
        n_learners=3,
        n_courses=len(COURSES),
    )
    model = ItemKnn().fit(data, rng=np.random.default_rng(7))
    own = {packing.COURSE_IDS: np.array(COURSES, np.int32)}
    return own | packing.pack(model) | popular_arrays(data, FIELDS)
