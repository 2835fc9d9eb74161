"""How are several models fitted to the same rows? Two at a time (L3, pure).

Each draws from a generator of its own, so that which one is ready first changes nothing.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from personalize.algorithms.base import Interactions, MemoryBoundError, Recommender
from personalize.algorithms.registry import create

Parameters = Mapping[str, Any]
Fit = Callable[[str, Parameters, Interactions, np.random.Generator], Recommender]

AT_ONCE = 2
"""Most of a fit is inside numpy, scipy and implicit, which let other threads run meanwhile."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Models by name, and why others were not fitted."""

    models: dict[str, Recommender]
    skipped: dict[str, str]


def fit_one(
    name: str, parameters: Parameters, data: Interactions, rng: np.random.Generator
) -> Recommender:
    """Fit an algorithm in this process. Raises MemoryBoundError before it allocates too much."""
    return create(name, parameters).fit(data, rng=rng)


def fit_all(
    parameters: Mapping[str, Parameters],
    data: Interactions,
    *,
    rng: np.random.Generator,
    fit: Fit = fit_one,
) -> Fitted:
    """Fit the named algorithms; those whose memory bound the data exceeds are skipped."""
    own = rng.spawn(len(parameters))
    # The limit is the process's: set by each fit for itself, one would lift another's.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(AT_ONCE) as pool:
        begun = {
            name: pool.submit(_tried, fit, name, chosen, data, generator)
            for (name, chosen), generator in zip(parameters.items(), own, strict=True)
        }
        ended = {name: fit.result() for name, fit in begun.items()}
    return Fitted(
        models={name: each for name, each in ended.items() if isinstance(each, Recommender)},
        skipped={name: each for name, each in ended.items() if isinstance(each, str)},
    )


def _tried(
    fit: Fit, name: str, parameters: Parameters, data: Interactions, rng: np.random.Generator
) -> Recommender | str:
    """Return the model, or why there is none."""
    try:
        return fit(name, parameters, data, rng)
    except MemoryBoundError as refusal:
        return str(refusal)
