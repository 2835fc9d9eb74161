"""What is a learner recommended, why, and what was it?"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from personalize.data import Explanation, Intent, Mistaken, Recommendation, Replayed, Source, Trace
from personalize.decision import explanations, log, memory, mistakes, partitions, trace, upkeep
from personalize.decision.context import Ask
from personalize.decision.recommend import recommend as _recommend
from personalize.decision.replayed import replayed as _replayed
from personalize.decision.surfaces import SURFACES
from personalize.decision.surfaces.base import Surface
from personalize.operations import gauges, tallies
from signals.data import PartitionState

__all__ = [
    "SURFACES",
    "Surface",
    "decision",
    "explain",
    "false_recommendations",
    "forget_caches",
    "log_state",
    "recommend",
    "replayed",
    "sources",
]


def recommend(
    learner_id: int | None = None,
    *,
    external_id: str | None = None,
    surface: str = "home",
    unit: str = "",
    intent: Intent | None = None,
    k: int = 0,
    now: datetime,
) -> Recommendation:
    """Answer one request; empty unit and k are the surface's own. KeyError: unknown surface."""
    place = SURFACES[surface]
    return _recommend(
        Ask(
            learner_id=learner_id,
            external_id=external_id,
            surface=place,
            unit=unit or place.unit,
            intent=intent,
            k=k or place.k,
            now=now,
        )
    )


def false_recommendations(*, since: datetime, until: datetime) -> tuple[Mistaken, ...]:
    """Return how many picks of closed days were wrong, for all and by kind of learner."""
    return mistakes.false_recommendations(since=since, until=until)


def sources(*, since: datetime, until: datetime) -> Counter[Source]:
    """Count the newest 10,000 decisions of a time, at most, by where the list came from."""
    return trace.sources(since=since, until=until)


def decision(request_id: UUID) -> Trace | None:
    """Return a logged decision with all its parts, for staff; None when there is none."""
    return trace.read(request_id)


def replayed(request_id: UUID) -> Replayed | None:
    """Make a logged decision again and say whether it is the same; None where there is none."""
    return _replayed(request_id)


def log_state() -> PartitionState:
    """Return up to which day there is a place for decisions, and how many have none."""
    return partitions.state()


def explain(request_id: UUID, course_id: int, *, learner_id: int | None) -> Explanation | None:
    """Return the stored explanation of one item; learner_id None is staff."""
    return explanations.panel(request_id, course_id, learner_id=learner_id)


def forget_caches() -> None:
    """Empty what this process remembers: catalogue, controls, what is shown while away."""
    upkeep.reset()
    memory.wake()
    log.drop()
    tallies.drop()
    gauges.forget()
