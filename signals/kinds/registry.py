"""L1: which kinds of signal are there? A kind is one file here and one line in FAMILIES."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

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

# Every version of the contract that was published, with its digest; the newest is last. A change
# of any kind, field or limit needs a new one: the first number for what refuses or means otherwise
# what was right before, the second for more that may be sent or is kept, the third for words.
VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "1.0.0": "9d995a253679a72e4ae9471cb1f58fceba0cb56cf9c37c33a10fce80440189e8",
        "1.0.1": "f8e0473a73999a769e31596f73a580936bba2b5f1ac42011a8f31fc517c92dd4",
        "1.1.0": "7ad7e862d939ed7d7b7b7c6a45bc3796f1184c55098d63a384cf80d6aa5232e6",
    }
)
VERSION = tuple(VERSIONS)[-1]  # kept with every refused event

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
