"""L1: course.*: a learner looks at a course, joins it, leaves it, finishes it, rates it."""

from typing import Literal
from uuid import UUID

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Mark, Need, Value


class Viewed(Context, frozen=True):
    """Where the learner came from, and the recommendation that led here."""

    referrer: Literal["home", "search", "explore", "path", "nudge", "other"] = "other"
    request_id: UUID | None = None


class Step(Context, frozen=True):
    """Whether somebody assigned the course, and the recommendation that led to this step."""

    mandatory: bool = False
    request_id: UUID | None = None


def _assigned(context: Step) -> Mark:
    return Mark.MANDATORY if context.mandatory else Mark.NONE


def _step(name: str, code: int, mark: Mark, purpose: str) -> Kind:
    return Kind(
        name=f"course.{name}",
        code=code,
        tier=Tier.NEEDED,
        purpose=purpose,
        course=Need.REQUIRED,
        context=Step,
        keep=lambda context: {"mandatory": True} if context.mandatory else None,
        kept=("mandatory",),
        marks=mark,
        marks_of=_assigned,
        server_only=name == "completed",
    )


KINDS = (
    Kind(
        name="course.viewed",
        code=1,
        tier=Tier.PERSONALIZATION,
        purpose="suggest courses like those looked at",
        course=Need.REQUIRED,
        context=Viewed,
        keep=lambda context: {"referrer": context.referrer},
        kept=("referrer",),
        marks=Mark.VIEWED,
    ),
    _step("enrolled", 2, Mark.ENROLLED, "give access to the course"),
    _step("unenrolled", 3, Mark.UNENROLLED, "end access to the course"),
    _step("completed", 4, Mark.COMPLETED, "show and certify progress"),
    Kind(
        name="course.rated",
        code=5,
        tier=Tier.PERSONALIZATION,
        purpose="suggest courses like those rated well",
        course=Need.REQUIRED,
        value=Value(low=1, high=5, unit="stars"),
        marks=Mark.RATED,
    ),
)
