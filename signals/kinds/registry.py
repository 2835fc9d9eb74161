"""L1: which kinds of signal are there? A kind is one file here and one line in FAMILIES."""

from collections.abc import Iterable
from types import ModuleType

from signals.kinds import (
    courses,
    forums,
    lessons,
    live,
    orders,
    platform,
    quizzes,
    recommendations,
    searches,
    videos,
)
from signals.kinds.kind import Kind

VERSION = "1.0"  # of the contract; kept with every refused event

FAMILIES: tuple[ModuleType, ...] = (
    courses,
    lessons,
    quizzes,
    videos,
    searches,
    forums,
    recommendations,
    orders,
    live,
    platform,
)


def collect(families: Iterable[ModuleType]) -> dict[str, Kind]:
    """Return the kinds of all families by name; raise ValueError where a code or name repeats."""
    kinds = [kind for family in families for kind in family.KINDS]
    by_name = {kind.name: kind for kind in kinds}
    if len(by_name) < len(kinds) or len({kind.code for kind in kinds}) < len(kinds):
        raise ValueError("Two kinds share a name or a code; give the new one its own.")
    return by_name


KINDS = collect(FAMILIES)


def code_of(name: str) -> int:
    """Return the code stored with events of a kind; raise KeyError when there is no such kind."""
    return KINDS[name].code
