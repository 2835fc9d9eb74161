"""How far do predictions of changes lie off what then came? (L4) Held against those that are over.

A bound is the distance within which four of five finished changes came out (split conformal
prediction: Vovk et al., "Algorithmic Learning in a Random World", 2005); with too few of them there
is none, and it is said that there are too few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from personalize.models import Override

LEAST = 10  # finished changes
WITHIN = 0.8
NEWEST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """How many finished changes had a prediction and a measured effect, and the bound, if any."""

    finished: int
    off: float | None


def found() -> Found:
    """Return what finished changes say of predicted openings."""
    rows = Override.objects.filter(predicted__opened__isnull=False, measured__final=True)
    told = rows.order_by("-ends_at").values_list("predicted", "measured")[:NEWEST]
    off = [
        abs((said["opened"][1] - said["opened"][0]) - came["opened"]["difference"])
        for said, came in told
        if said and came and said.get("opened") and came.get("opened")
    ]
    return Found(len(off), bound(off))


def bound(off: Sequence[float]) -> float | None:
    """Return the distance within which the next one lies in four of five cases; None: too few."""
    if len(off) < LEAST:
        return None
    return sorted(off)[min(ceil((len(off) + 1) * WITHIN), len(off)) - 1]
