"""Does the canary answer its learners? (L3) The first question: any other needs its lists."""

from personalize.data import GuardReading
from personalize.engine.guards.context import Watched, shown

MOST_INSTEAD = 0.01  # of its learners' lists, that another model may make


def served(watched: Watched) -> GuardReading:
    """Hold when the canary can be opened and made the lists of its learners itself."""
    made = watched.by_canary + watched.instead
    share = watched.instead / made if made else 0.0
    holds = not watched.usable and share <= MOST_INSTEAD
    if watched.usable:
        says = watched.usable
    elif not made:
        says = "None of its learners has asked for a list yet."
    elif not watched.instead:
        says = "It made all lists of its learners itself."
    else:
        says = (
            f"{share:.1%} of its learners' lists were made by the live model instead, because it "
            f"failed; {MOST_INSTEAD:.0%} may be."
        )
    return GuardReading(
        guard="served",
        holds=holds,
        title="It answers",
        says=says,
        unit="share",
        canary=share if made else None,
        learners=shown(watched.canary.learners),
        base=shown(watched.live.learners),
    )
