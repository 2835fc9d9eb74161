"""How does an experiment stand, and who answers for it? (measurement; pure)"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class People:
    """Who answers for an experiment, as the ledger names them; empty where nobody does yet."""

    author: str = ""
    registered_by: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    approval_reason: str = ""
    seconded_by: str = ""  # stands in for shipping although something may have been lost
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class ExperimentInfo:
    """One line of the list of experiments."""

    key: str
    title: str
    state: str
    surfaces: tuple[str, ...]
    primary_metric: str
    exploratory: bool
    switched_on: bool
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    looks_taken: int
    looks: int
    next_look: date | None
    verdict: str  # empty until decided
    people: People = People()
    paused_at: datetime | None = None
    serves: str = ""
    decision_rule: str = ""
    reopened_at: datetime | None = None  # a re-read spoke against what was shipped
    unwatched_since: datetime | None = None  # nobody would notice harm: it cannot be read
