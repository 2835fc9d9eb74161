"""What may a source send, as the contract says it? (L1; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContractField:
    """One field of an event as a source sends it, and what becomes of it.

    `kept` is "clear", "sealed" (under the learner's data key), "hashed" (keyed), "whether" (that it
    was sent, not what) or "no".
    """

    name: str
    type: str  # text, number, integer, true or false, moment, UUID, object
    required: bool
    kept: str
    choices: tuple[str, ...] | None = None
    low: float | None = None  # the least value of a number, the least length of a text
    above: float | None = None  # a number has to be greater
    high: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ContractValue:
    """The number of a kind: its range and what it counts."""

    unit: str
    required: bool
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ContractKind:
    """One kind of signal in the published contract.

    `sent_by` is "platform" (with a key), "page" (with a key or from a learner's browser) or
    "nobody": those are made here of statements that fit no other kind.
    """

    name: str
    code: int
    tier: int
    purpose: str
    legal_basis: str
    retention_months: int
    sent_by: str
    course: str  # required or optional
    module: str
    value: ContractValue | None
    value_made_here: bool  # of the context, where nothing else of it is kept
    context: tuple[ContractField, ...]


@dataclass(frozen=True, slots=True)
class SignalContract:
    """What a source may send, and what is done with it; `digest` is of everything but itself."""

    version: str
    digest: str
    limits: Mapping[str, int]
    envelope: tuple[ContractField, ...]
    kinds: tuple[ContractKind, ...]
