"""What is kept, why, how long, and what was done with it? (L1, L2; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from signals.data.people import Tier


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ledger entry as pages show it."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KindLabel:
    """One kind of signal for a learner's label: what it is for and how long it is kept."""

    name: str
    tier: Tier
    purpose: str
    retention_months: int


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """The figures that the labels of data state beside those of each kind."""

    derived_months: int  # how long what was computed is kept after the last step
    smallest_group: int  # totals show no fewer people


@dataclass(frozen=True, slots=True)
class RequestStep:
    """One step of a request: when it was done, how much it was, and what a query found left."""

    name: str
    done_at: datetime | None
    count: int
    left: int


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request of a learner, as its receipt shows it."""

    receipt: UUID
    kind: str
    actor: str
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None
    steps: tuple[RequestStep, ...] = ()


class Basis(StrEnum):
    """What allows a field to be kept; the first four are those of the tiers."""

    CONTRACT = "contract"
    INTEREST = "legitimate interest, with the right to object"
    CONSENT = "consent"
    EXPLAINED = "consent with explanation"
    OF_KIND = "as the signal contract says of its kind"
    SECURITY = "legitimate interest in keeping accounts safe"
    DUTY = "legal duty to prove what was done"
    NOT_PERSONAL = "not personal"


class Copied(StrEnum):
    """Whether a learner's copy of their data holds a field."""

    YES = "yes"
    OPENED = "opened"  # what is under the seal, or the name behind a hash
    NO = "no"
    NOBODY = "about no learner"


class Erased(StrEnum):
    """What an erasure does with a field."""

    DELETED = "deleted with its row"
    EMPTIED = "emptied"
    UNREADABLE = "unreadable: its key is destroyed"
    KEPT = "kept"
    NOBODY = "about no learner"


@dataclass(frozen=True, slots=True)
class FieldUse:
    """Why a field is kept, how long, who reads it, and what a copy and an erasure do with it."""

    purpose: str
    basis: Basis
    retention: str
    readers: tuple[str, ...]
    tier: Tier | None = None
    export: Copied = Copied.NOBODY
    erase: Erased = Erased.NOBODY


@dataclass(frozen=True, slots=True)
class TableUse:
    """The declaration of a table: one use for its fields, but for those that say otherwise."""

    name: str  # app.Model
    use: FieldUse
    fields: str  # names with a space between
    but: Mapping[str, FieldUse] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all fields declared."""
        return frozenset(self.fields.split()) | self.but.keys()

    def of(self, name: str) -> FieldUse:
        """Return the use of one field."""
        return self.but.get(name, self.use)

    @property
    def about_learners(self) -> bool:
        """Say whether an erasure or a copy of a learner's data concerns any field."""
        uses = (self.use, *self.but.values())
        return any(use.erase is not Erased.NOBODY for use in uses)


@dataclass(frozen=True, slots=True)
class PartitionState:
    """Whether rows of a table that is kept by month or day have a place to go."""

    ahead_to: date | None  # the last month or day there is a place for
    waiting: int  # rows without a place of their own


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of data: how long it may be kept, and how old the oldest of it is."""

    what: str
    retention: str
    oldest: date | None
    not_before: date  # what is older should be gone
    overdue: bool


@dataclass(frozen=True, slots=True)
class RetentionState:
    """Whether what is past its retention is gone, and what is to come has a place."""

    events: PartitionState
    held: tuple[Held, ...]
