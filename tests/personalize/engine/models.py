"""Small models for the registry and for serving, as plain functions."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions
from personalize.algorithms.item_knn import ItemKnn
from personalize.data import GateFinding, ModelRow
from personalize.engine import packing, registry, steps
from personalize.engine.artifacts import Card
from personalize.engine.configuration import Configuration
from personalize.engine.popular import popular_arrays
from personalize.models import ModelVersion
from signals.data import SYSTEM

COURSES = (4, 9, 11, 30)
FIELDS = ["Data", "Data", "Care", ""]


def configured(**changes: Any) -> Configuration:
    """Return a configuration of one neighbour model; by changes another one."""
    values: dict[str, Any] = {
        "revision": 1,
        "serves": "item_knn",
        "members": ("item_knn",),
        "parameters": {"item_knn": ItemKnn().params()},
    }
    return Configuration(**(values | changes))


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
        "configuration": configured(),
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


def settled(version: str, *findings: GateFinding, now: datetime, **changes: Any) -> ModelRow:
    """Publish a model and settle it, as a run of training would."""
    registry.publish_candidate(card(version, trained_at=now, **changes), arrays())
    return steps.settle(version, findings, actor=SYSTEM, now=now)


def promoted(version: str, *findings: GateFinding, now: datetime, **changes: Any) -> ModelRow:
    """Let everybody see a model: at once where it is the first, and after its time as canary."""
    row = settled(version, *findings, now=now, **changes)
    if row.state == "canary":
        assert steps.promote_canary(version, (), says="It held.", now=now)
    return next(row for row in registry.versions() if row.version == version)


def on_record(version: str, *, published_at: datetime, **changes: Any) -> None:
    """Write that all have seen a model since a moment; what is served just now stays as it is."""
    registry.publish_candidate(card(version, trained_at=published_at, **changes), arrays())
    row = ModelVersion.objects.filter(version=version)
    row.update(state=ModelVersion.State.LIVE, published_at=published_at)
