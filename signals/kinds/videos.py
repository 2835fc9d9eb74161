"""L1: video.*: how a learner watches. Consent only; positions in the video are never kept."""

from typing import Annotated

import msgspec

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Need, Value

DAY_S = 86_400
Seconds = Annotated[float, msgspec.Meta(ge=0, le=DAY_S)]
Speed = Annotated[float, msgspec.Meta(gt=0, le=16)]
PURPOSE = "find where a video is hard to follow"


class Playing(Context, frozen=True):
    """How fast the video runs."""

    speed: Speed | None = None


class Seek(Context, frozen=True):
    """From where to where the learner went; checked, then dropped."""

    from_s: Seconds
    to_s: Seconds


KINDS = (
    Kind(
        name="video.played",
        code=30,
        tier=Tier.FINE_GRAINED,
        purpose=PURPOSE,
        course=Need.REQUIRED,
        context=Playing,
    ),
    Kind(
        name="video.paused",
        code=31,
        tier=Tier.FINE_GRAINED,
        purpose=PURPOSE,
        course=Need.REQUIRED,
        value=Value(low=0, high=DAY_S, unit="seconds watched"),
        context=Playing,
    ),
    Kind(
        name="video.seeked",
        code=32,
        tier=Tier.FINE_GRAINED,
        purpose=PURPOSE,
        course=Need.REQUIRED,
        context=Seek,
    ),
)
