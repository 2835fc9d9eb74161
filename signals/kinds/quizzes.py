"""L1: quiz.scored: how well did a learner do in a quiz?"""

from typing import Annotated

import msgspec

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Mark, Need, Value


class Attempt(Context, frozen=True):
    """Which try it was."""

    attempt: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None


KINDS = (
    Kind(
        name="quiz.scored",
        code=20,
        tier=Tier.NEEDED,
        purpose="show and certify progress",
        course=Need.REQUIRED,
        value=Value(low=0, high=1, unit="share"),
        context=Attempt,
        keep=lambda context: {"attempt": context.attempt} if context.attempt else None,
        kept=("attempt",),
        server_only=True,
        marks=Mark.STARTED | Mark.MODULE_STARTED | Mark.MODULE_SCORE,
    ),
)
