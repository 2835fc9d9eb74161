"""To how many is an experiment open, and what speaks for more? (measurement; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

STEP_DAYS = 3  # a step lasts at least: a weekday is no weekend, some harm takes a night to show


@dataclass(frozen=True, slots=True)
class Watched:
    """What a step of the ramp tells of one metric that may not fall."""

    metric: str
    learners: int  # measured in the smaller arm, rounded to 5; 0 stands for fewer than 10
    of_step: int  # as many the plan has for this step
    margin: float  # loss that counts as none, a share of the control
    noticed: float | None  # the smallest loss that would have been noticed; None: not readable yet
    worse: bool
    enough: bool


@dataclass(frozen=True, slots=True)
class RampEvidence:
    """Whether an experiment may be opened to the next share, and what speaks for or against it."""

    share: float
    next_share: float | None  # None: it is open to all
    days: int  # at this step
    sound: bool
    watched: tuple[Watched, ...]
    enough: bool
    says: str


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of an experiment; `evidence` is a RampEvidence as it was, {} for the start."""

    number: int
    share: float
    at: datetime
    by: str
    reason: str
    evidence: Mapping[str, object]
