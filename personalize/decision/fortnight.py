"""What did the lists of a fortnight lead to? (L4) Read once a day: it takes a while at scale.

The clock reads the fourteen days that are over soon after midnight, so that nobody waits for them.
What was read is kept for a day; which model serves and what is wanted of it is asked each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
from django.core.cache import cache

from personalize.data import CohortGap, Estimate, Mistaken
from personalize.decision import mistakes
from personalize.decision.exposed import exposure_gaps
from personalize.decision.since_before import since_before
from personalize.decision.staleness import Ages, ages
from personalize.decision.waited import waited

FORTNIGHT = timedelta(days=14)
KEPT_S = 86_400


@dataclass(frozen=True, slots=True)
class Lived:
    """What became of the lists of a fortnight."""

    wrong: tuple[Mistaken, ...]  # picks, for all and by kind of learner
    moved: Mapping[str, Any]  # engagement and progression beside the days before
    waited: Estimate | None
    ages: Ages | None = None  # of what lists were made of
    exposure: tuple[CohortGap, ...] = ()  # which kind of learner got lists of their own


def read(until: datetime) -> Lived:
    """Read the fortnight up to a moment."""
    since = until - FORTNIGHT
    return Lived(
        wrong=mistakes.false_recommendations(since=since, until=until),
        moved=since_before(until=until),
        waited=waited(since=since, until=until),
        ages=ages(since=since, until=until),
        exposure=exposure_gaps(since=since, until=until),
    )


def over(now: datetime) -> datetime:
    """Return when the days that are over ended: the last midnight (UTC)."""
    return datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)


def kept(until: datetime) -> Lived:
    """Return what was read of a fortnight; read now where nobody did yet."""
    found = cache.get(_key(until))
    return msgspec.convert(found, Lived) if found is not None else prepare(until)


def prepare(until: datetime) -> Lived:
    """Read a fortnight and keep what was found for a day."""
    found = read(until)
    cache.set(_key(until), msgspec.to_builtins(found), KEPT_S)
    return found


def _key(until: datetime) -> str:
    return f"fortnight:{until.isoformat()}"
