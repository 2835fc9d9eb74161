"""What did learners make of the lists they were given? (L2; pure)"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Answered:
    """A click on an item of a list, or a lesson completed later, which may owe to some list."""

    learner_id: int
    course_id: int
    at: datetime
    request_id: UUID | None  # the list that was clicked; of a completed lesson there is none
