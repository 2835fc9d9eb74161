"""What do staff see of a logged decision, and of making it again? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from personalize.data.lists import Intent, Item, Source
from personalize.data.steering import Change, OverrideRow


@dataclass(frozen=True, slots=True)
class Ruled:
    """A change of a course that was in force for a list when it was made."""

    course_id: int
    change: Change
    strength: float
    cohort: str  # "" is everyone
    rank: int | None  # where the course stands in the list; None: not in it
    row: OverrideRow | None  # who decided it and why; None where that is not known any more


@dataclass(frozen=True, slots=True)
class Trace:
    """A logged decision as staff see it; reasons are rebuilt from what was stored."""

    request_id: UUID
    served_at: datetime
    learner_id: int | None
    surface: str
    source: Source
    intent: Intent | None
    model: str | None
    rules: int  # version of the policy
    goal: str
    signals: int
    tiers: tuple[int, ...]  # that were allowed
    took_ms: float
    items: tuple[Item, ...]
    limits: tuple[str, ...] = ()  # that people set and the list came up against, as sentences
    # What it was made from, by name; None where that is not kept.
    made_from: Mapping[str, object] | None = None
    ruled: tuple[Ruled, ...] = ()  # changes of courses that were in force for it


class Outcome(StrEnum):
    """What comes of making a logged decision once more."""

    SAME = "same"  # the same list, the same reasons, the same chance of what was tried out
    DIFFERENT = "different"  # from the same catalogue, by the same version of the policy
    CHANGED_SINCE = "different, of another catalogue or version of the policy"
    WITHDRAWN = "inputs deleted with the consent"
    NO_PROFILE = "inputs never kept: its learner wanted no profile"
    GONE = "what it names is gone"  # its model, rules, field or the earlier list it repeats


@dataclass(frozen=True, slots=True)
class Replayed:
    """A logged decision made again from what it says it was made from."""

    request_id: UUID
    outcome: Outcome
    said: tuple[str, ...]  # what is otherwise, or why it cannot be made; sentences
    course_ids: tuple[int, ...] = ()  # of the list as it came out now

    @property
    def made(self) -> bool:
        """Say whether it could be made again."""
        return self.outcome in {Outcome.SAME, Outcome.DIFFERENT, Outcome.CHANGED_SINCE}

    @property
    def same(self) -> bool:
        """Say whether it came out as it was."""
        return self.outcome is Outcome.SAME
