"""L1: search.performed: what is looked for? The query is sealed and never stands in an event."""

from typing import Annotated

import msgspec

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Text, Value


class Search(Context, frozen=True):
    """What was typed."""

    query: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


KINDS = (
    Kind(
        name="search.performed",
        code=40,
        tier=Tier.PERSONALIZATION,
        purpose="find out what learners look for and do not find",
        value=Value(low=0, high=1_000_000, unit="results"),
        context=Search,
        text=Text.SEARCH,
        free_text=lambda context: context.query,
        sealed=("query",),
    ),
)
