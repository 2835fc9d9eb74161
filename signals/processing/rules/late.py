"""Did the event arrive more than 48 hours after it occurred? (L2, pure)"""

from signals.processing.activity import FLAG_LATE, Activity, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity


def find(activity: Activity, _: Surroundings) -> Mask:
    """Return what came late; a backfill is not late."""
    return activity.flagged(FLAG_LATE)


def tell(_: Activity, found: Mask) -> str:
    """Say how much came late together."""
    return f"{found.sum()} events of a day came more than 48 hours after it"


RULE = Rule(
    code=5,
    name="late",
    version=1,
    title="More than 48 hours late",
    severity=Severity.LOW,
    owner="operator of the source",
    action="Look for a queue that stands still; what is late counts in full.",
    effect=Effect.COUNTED,
    find=find,
    tell=tell,
)
