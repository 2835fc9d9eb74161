"""Was it caused by a recommendation? (L2, pure)"""

from signals.processing.activity import FLAG_FROM_RECOMMENDATION, Activity, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity


def find(activity: Activity, _: Surroundings) -> Mask:
    """Return what followed one of our lists."""
    return activity.flagged(FLAG_FROM_RECOMMENDATION)


def tell(_: Activity, found: Mask) -> str:
    """Say how many."""
    return f"{found.sum()} events of a day that followed a list of ours"


RULE = Rule(
    code=17,
    name="recommended",
    version=1,
    title="Caused by a recommendation",
    severity=Severity.LOW,
    owner="analyst",
    action="Nothing; a share that grows for months means that the system confirms itself.",
    effect=Effect.MARKED,
    find=find,
    tell=tell,
)
