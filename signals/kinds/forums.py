"""L1: forum.posted: what do learners ask each other? The text is sealed, never in an event."""

from typing import Annotated

import msgspec

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Mark, Text


class Post(Context, frozen=True):
    """What was written; that it answers a post is kept, and not which."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    reply_to: Annotated[str, msgspec.Meta(max_length=255)] | None = None


def _replied(context: Post) -> Mark:
    return Mark.REPLY if context.reply_to else Mark.NONE


KINDS = (
    Kind(
        name="forum.posted",
        code=41,
        tier=Tier.PERSONALIZATION,
        purpose="find out what courses leave open",
        context=Post,
        text=Text.FORUM,
        free_text=lambda context: context.text,
        sealed=("text",),
        noted=("reply_to",),
        marks_of=_replied,
    ),
)
