"""L1: what does a source of job posts give? The protocol of every source.

Nothing of a post is kept but which skills it asks for, counted over all posts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from signals.processing.demand import normalize_term
from signals.processing.disclosure import K

MOST_TERMS = 5_000  # of one collection: those asked for most


class JobSourceError(ValueError):
    """What was read holds no job posts; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one reading brought: the date of the posts, how many, and how many ask for what."""

    as_of: date
    posts: int
    asked: Mapping[str, int]


class JobSource(Protocol):
    """Reads job posts from where they are."""

    key: str
    title: str
    unit: str  # what is counted, in the plural
    fresh_days: int  # older than this it is told to be old, and does not count

    def collect(self, origin: str, *, now: datetime) -> Collected:
        """Return what is there. Raises JobSourceError."""
        ...


def counted(pairs: Iterable[tuple[object, str]]) -> dict[str, int]:
    """Return how many posts ask for each skill, of (post, skill) pairs; none of fewer than 10."""
    posts: dict[str, set[object]] = defaultdict(set)
    for post, skill in pairs:
        term = normalize_term(skill)
        if term is not None:
            posts[term].add(post)
    often = sorted(
        ((term, len(who)) for term, who in posts.items() if len(who) >= K),
        key=lambda pair: (-pair[1], pair[0]),
    )
    return dict(often[:MOST_TERMS])
