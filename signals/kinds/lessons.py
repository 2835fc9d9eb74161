"""L1: lesson.*: a learner starts a module, moves on in it, completes it."""

from signals.data import Tier
from signals.kinds.kind import Kind, Mark, Need, Value

KINDS = (
    Kind(
        name="lesson.started",
        code=10,
        tier=Tier.NEEDED,
        purpose="continue where the learner stopped",
        course=Need.REQUIRED,
        module=Need.REQUIRED,
        marks=Mark.STARTED | Mark.MODULE_STARTED,
    ),
    Kind(
        name="lesson.completed",
        code=11,
        tier=Tier.NEEDED,
        purpose="show and certify progress",
        course=Need.REQUIRED,
        module=Need.REQUIRED,
        marks=Mark.STARTED | Mark.MODULE_STARTED | Mark.MODULE_COMPLETED,
    ),
    Kind(
        name="lesson.progressed",
        code=12,
        tier=Tier.PERSONALIZATION,
        purpose="suggest what to continue",
        course=Need.REQUIRED,
        module=Need.REQUIRED,
        value=Value(low=0, high=1, unit="share"),
        marks=Mark.VIEWED | Mark.MODULE_PROGRESS,
    ),
)
