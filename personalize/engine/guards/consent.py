"""Did the canary make a list for who had objected? (L3) Every single one is one too many."""

from personalize.data import GuardReading
from personalize.engine.guards.context import Watched, shown


def consent(watched: Watched) -> GuardReading:
    """Hold when no list of its own was made for anybody at a time in which they objected."""
    if watched.against_will:
        says = "It made lists for learners who had objected. Find the door that did not ask."
    else:
        says = "It made no list for a learner who had objected."
    return GuardReading(
        guard="consent",
        holds=not watched.against_will,
        title="Consent is kept",
        says=says,
        unit="count",
        canary=None if watched.against_will else 0.0,
        learners=shown(watched.canary.learners),
        base=shown(watched.live.learners),
    )
