"""What makes a model, its data apart? (L3) The same of it on newer data is a refresh.

A configuration is what is decided before any data is read: which algorithm serves, the members it
mixes, the parameters each begins with, and how its probabilities are learned. A parameter that the
automatic tuning finds stands here as unset: what it finds on newer data, and the weights of the
blend, belong to the data.
"""

import hashlib
from typing import Any

import msgspec

from experiments.data import MODEL_ARM
from personalize.algorithms.blend import Blend
from personalize.algorithms.heads.training import RULES
from personalize.algorithms.registry import ALGORITHMS, algorithm, create

# Raise it where changed code gives another model from the same data, and no name or parameter
# below shows it: another rule of weights, another range that is searched, other rows learned from.
REVISION = 4

FOUND = frozenset({"members", "member_params", "weights"})  # parameters of the blend that are found
SHOWN = 8  # hexadecimal digits by which people and plans call a configuration

Parameters = dict[str, dict[str, Any]]


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is decided before the data; plain values only, so that it can be hashed."""

    revision: int
    serves: str
    members: tuple[str, ...]
    parameters: Parameters  # algorithm -> what it begins with
    heads: Parameters = {}  # how its probabilities are learned; empty before that was written down

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) of it; the order of names changes nothing."""
        plain = msgspec.structs.asdict(self) | {"members": sorted(self.members)}
        if not self.heads:  # as it was when plans and versions were named by it
            del plain["heads"]
        return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


def current() -> Configuration:
    """Return the configuration this code trains."""
    members = tuple(name for name in ALGORITHMS if name != Blend.name)
    return Configuration(
        revision=REVISION,
        serves=Blend.name,
        members=members,
        parameters={name: _begins_with(name) for name in (*members, Blend.name)},
        heads={name: dict(rules) for name, rules in RULES.items()},
    )


def _begins_with(name: str) -> dict[str, Any]:
    begins = create(name).params()
    return {key: value for key, value in begins.items() if name != Blend.name or key not in FOUND}


def trainable(configuration: Configuration) -> bool:
    """Say whether this code can still train it: it may, until an algorithm or a rule is gone."""
    if configuration.revision != REVISION or configuration.serves != Blend.name:
        return False
    if configuration.heads != current().heads:
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
    said += _heads_changed(before.heads, after.heads)
    if before.revision != after.revision:
        said.append(f"The rules of training are of revision {after.revision}.")
    return tuple(said)


def _heads_changed(before: Parameters, after: Parameters) -> list[str]:
    if not before and after:
        return ["It is not known how the probabilities of the live model were learned."]
    return [
        f"{head}: {key} is {value}, it was {before.get(head, {}).get(key)}."
        for head, rules in after.items()
        for key, value in rules.items()
        if before.get(head, {}).get(key) != value
    ]
