"""L1: what is a signal kind? Its fields, its tier, and what it leaves in a learner's history."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntFlag
from typing import Any

import msgspec

from signals.data import Tier

RETENTION_MONTHS = 13


class Mark(IntFlag):
    """What an event of a kind writes into the learner's history, in the same transaction."""

    NONE = 0
    VIEWED = 1  # the newest view of a course
    ENROLLED = 2
    UNENROLLED = 4
    COMPLETED = 8
    STARTED = 16  # the first lesson touched
    RATED = 32  # the value is the rating
    MANDATORY = 64
    MODULE_STARTED = 256
    MODULE_COMPLETED = 512
    MODULE_PROGRESS = 1024  # the value is a share
    MODULE_SCORE = 2048  # the value is a share
    REPLY = 4096  # a post that answers another


class Need(Enum):
    """Whether a field has to be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class Text(Enum):
    """Where free text goes: never into events, always sealed under the learner's data key."""

    SEARCH = 1
    FORUM = 2


class Context(msgspec.Struct, frozen=True):
    """What a kind's context may hold; anything else that is sent is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The range of a kind's number, and what it counts."""

    low: float
    high: float
    unit: str
    need: Need = Need.REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of signal, as the contract has it.

    `code` is stored with every event and never changes its meaning. `keep` picks what of the
    context is stored in clear (nothing unless it says so), `free_text` what is sealed, `marks`
    what the history takes over. `kept` and `sealed` name the same fields for readers, `noted` those
    of which only that they were sent is kept; a test holds them against what is stored.
    """

    name: str
    code: int
    tier: Tier
    purpose: str
    course: Need = Need.OPTIONAL
    module: Need = Need.OPTIONAL
    value: Value | None = None
    value_from: Callable[[Any], float] | None = None  # made of the context, where none is sent
    context: type[Context] = Context
    keep: Callable[[Any], dict[str, object] | None] | None = None
    kept: tuple[str, ...] = ()
    text: Text | None = None
    free_text: Callable[[Any], str] | None = None
    sealed: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    marks: Mark = Mark.NONE
    marks_of: Callable[[Any], Mark] | None = None
    server_only: bool = False  # a platform knows it; a page of a browser may not claim it
    internal: bool = False  # made here of what a statement says; nobody sends it by name
    retention_months: int = RETENTION_MONTHS
