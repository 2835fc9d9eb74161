"""What makes a model, its data apart? (L3) The same of it on newer data is a refresh.

A configuration is what is decided before any data is read: which algorithm serves, the members it
mixes, and the parameters each begins with. A parameter that the automatic tuning finds stands here
as unset: what it finds on newer data, and the weights of the blend, belong to the data.
"""

import hashlib
from typing import Any

import msgspec

from experiments.data import MODEL_ARM
from personalize.algorithms.blend import Blend
from personalize.algorithms.registry import ALGORITHMS, algorithm, create

# Raise it where changed code gives another model from the same data, and no name or parameter
# below shows it: another rule of weights, another range that is searched, other rows learned from.
REVISION = 1

FOUND = frozenset({"members", "member_params", "weights"})  # parameters of the blend that are found
SHOWN = 8  # hexadecimal digits by which people and plans call a configuration

Parameters = dict[str, dict[str, Any]]


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is decided before the data; plain values only, so that it can be hashed."""

    revision: int
    serves: str
    members: tuple[str, ...]
    parameters: Parameters  # algorithm -> what it begins with

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) of it; the order of names changes nothing."""
        plain = msgspec.structs.asdict(self) | {"members": sorted(self.members)}
        return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


def current() -> Configuration:
    """Return the configuration this code trains."""
    members = tuple(name for name in ALGORITHMS if name != Blend.name)
    return Configuration(
        revision=REVISION,
        serves=Blend.name,
        members=members,
        parameters={name: _begins_with(name) for name in (*members, Blend.name)},
    )


def _begins_with(name: str) -> dict[str, Any]:
    begins = create(name).params()
    return {key: value for key, value in begins.items() if name != Blend.name or key not in FOUND}


def trainable(configuration: Configuration) -> bool:
    """Say whether this code can still train it: it may, until an algorithm or a rule is gone."""
    if configuration.revision != REVISION or configuration.serves != Blend.name:
        return False
    try:
        for name in configuration.members:
            algorithm(name)(**configuration.parameters[name])
        Blend(**configuration.parameters[Blend.name])
    except (LookupError, TypeError, ValueError):
        return False
    return True


def shown(digest: str) -> str:
    """Return the name by which people and plans call a configuration."""
    return digest[:SHOWN]


def arm(digest: str) -> str:
    """Return the arm of an experiment whose learners see the newest model of a configuration."""
    return f"{MODEL_ARM}{shown(digest)}"


def changed(before: Configuration | None, after: Configuration) -> tuple[str, ...]:
    """Return, as sentences, what a configuration does otherwise than the one before."""
    if before is None:
        return ("It is not known how the live model was configured.",)
    said = [f"{name} takes part." for name in after.members if name not in before.members]
    said += [f"{name} takes no part." for name in before.members if name not in after.members]
    both = dict.fromkeys((*after.members, after.serves))
    said += [
        f"{name}: {key} is {value}, it was {before.parameters[name].get(key)}."
        for name in both
        if name in before.parameters
        for key, value in after.parameters[name].items()
        if before.parameters[name].get(key) != value
    ]
    if before.revision != after.revision:
        said.append(f"The rules of training are of revision {after.revision}.")
    return tuple(said)
