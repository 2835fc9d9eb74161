"""What is a rule of signal quality? A name, an owner, an action, and what it finds (L2, pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from signals.processing.activity import Activity, Mask, Surroundings


class Severity(StrEnum):
    """How much it matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Effect(StrEnum):
    """What becomes of an event the rule is about."""

    REFUSED = "refused"  # at the door, into quarantine; it can be mended and replayed
    NO_WEIGHT = "no weight"  # kept, and never learned from
    MARKED = "marked"  # kept and learned from; readers that care can tell it
    COUNTED = "counted"  # nothing but a number on the audit page


Find = Callable[[Activity, Surroundings], Mask]
Tell = Callable[[Activity, Mask], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `code` is stored and never changes its meaning; `version` moves with it.

    A rule finds events among the stored ones (`find`), or is enforced at the door and counted by
    the codes of what was refused there (`refusals`), or by the copies that came again (`copies`).
    `tell` says what was found in one sentence that names nobody and nothing of a learner.
    `against_learner`: the share of such events speaks against everything the learner sent.
    """

    code: int
    name: str
    version: int
    title: str
    severity: Severity
    owner: str  # a role of the control tower, or the operator of the source
    action: str  # what the owner does about it
    effect: Effect
    find: Find | None = None
    tell: Tell | None = None
    refusals: frozenset[str] = frozenset()
    copies: bool = False
    against_learner: bool = False
