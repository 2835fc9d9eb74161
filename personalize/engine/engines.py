"""Who fits the members of a model? (L3) This process, or a cluster where rows outgrow it.

An engine is no part of a configuration: whoever fits, the same trial, gates and registry follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from django.utils.module_loading import import_string

from personalize.algorithms.base import Interactions, Recommender
from personalize.algorithms.fitting import Parameters, fit_one

Fit = Callable[[Parameters, Interactions, np.random.Generator], Recommender]


class Name(StrEnum):
    """What people call an engine."""

    LOCAL = "local"
    SPARK = "spark"


class EngineUnusable(Exception):  # noqa: N818  the text says what the reader must do
    """Members cannot be fitted there; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Fits members; those of `elsewhere` not in this process."""

    name: Name
    elsewhere: Mapping[str, Fit] = field(default_factory=dict)

    def fit(
        self, member: str, parameters: Parameters, data: Interactions, rng: np.random.Generator
    ) -> Recommender:
        """Return the fitted member; raise EngineUnusable, or MemoryBoundError as a member does."""
        fit = self.elsewhere.get(member)
        return fit(parameters, data, rng) if fit else fit_one(member, parameters, data, rng)


LOCAL = Engine(Name.LOCAL)


def named(name: str, *, master: str = "") -> Engine:
    """Return an engine that can be used now; `master` is where a cluster's is, else the setting.

    Raises EngineUnusable with what to install or to check.
    """
    if name == Name.LOCAL:
        return LOCAL
    found: Engine = import_string("personalize.engine.spark.engine.opened")(master)
    return found
