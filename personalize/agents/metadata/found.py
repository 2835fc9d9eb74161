"""What does the agent hand on? (L5) One proposal before it is a row."""

from collections.abc import Mapping
from dataclasses import dataclass

Figure = str | int | float | list[str] | None


@dataclass(frozen=True, slots=True)
class Found:
    """One proposal for one course; `score` is how much speaks for it, 0..1, within its kind."""

    course_id: int
    kind: str  # skill, level, prerequisite or quality
    value: str
    score: float
    evidence: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one kind of proposal was learnt from, and how well that went on courses kept out."""

    courses: int  # or pairs
    measure: str  # what `value` is; empty where there is none
    value: float | None
