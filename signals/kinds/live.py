"""L1: live.joined: how long did a learner stay in a live session?"""

from typing import Annotated

import msgspec

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Need, Value

DAY_MINUTES = 1440


class Live(Context, frozen=True):
    """Which live session."""

    event_id: Annotated[str, msgspec.Meta(max_length=120)] | None = None


KINDS = (
    Kind(
        name="live.joined",
        code=70,
        tier=Tier.PERSONALIZATION,
        purpose="suggest live sessions",
        value=Value(low=0, high=DAY_MINUTES, unit="minutes", need=Need.OPTIONAL),
        context=Live,
        keep=lambda context: {"event_id": context.event_id} if context.event_id else None,
        kept=("event_id",),
    ),
)
