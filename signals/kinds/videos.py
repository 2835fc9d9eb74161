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
    """From where to where the learner went; only whether it was back or ahead is kept."""

    from_s: Seconds
    to_s: Seconds


def _direction(seek: Seek) -> float:
    """Return -1 for a rewind, 1 for a skip, 0 for neither.

    Not how far: a skip from the beginning would be as long as the position it went to.
    """
    return float((seek.to_s > seek.from_s) - (seek.to_s < seek.from_s))


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
        value=Value(
            low=0, high=DAY_S, unit="seconds watched since it was last played, never a position"
        ),
        context=Playing,
    ),
    Kind(
        name="video.seeked",
        code=32,
        tier=Tier.FINE_GRAINED,
        purpose=PURPOSE,
        course=Need.REQUIRED,
        context=Seek,
        value_from=_direction,
    ),
)
