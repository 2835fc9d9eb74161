"""Is a kind of learner served worse than all others? (L3)

What a learner is (language, device, region, organisation) must not decide how well they are served.
Of who has just come, or was long away, less is known and so less is found: that raises an alarm on
the review page, but to refuse the model would serve nobody better.
"""

from personalize.data import CohortGap, GateFinding
from personalize.engine.gates.context import GateContext

RECALL, CALIBRATION = "recall", "calibration"
WHAT_IS_KNOWN = frozenset({"tenure", "activity"})  # cohorts that say how much is known of somebody


def cohort_gaps(context: GateContext) -> GateFinding:
    """Pass while no interval of a gap lies beyond its bound; it names the kinds that are behind."""
    behind = [gap for gap in context.gaps if gap.alarm and _refuses(gap)]
    if behind:
        detail = " ".join(_said(gap) for gap in behind)
    elif context.gaps:
        detail = f"{len(context.gaps)} gaps between kinds of learners were looked at; none is wide."
    else:
        detail = "No two kinds of learners are known of whom there are 50 each to compare."
    return GateFinding(
        gate="cohort_gaps",
        passed=not behind,
        title="No kind of learner left behind",
        detail=detail,
        evidence={"gaps": float(len(context.gaps)), "behind": float(len(behind))},
    )


def _refuses(gap: CohortGap) -> bool:
    return gap.measure == CALIBRATION or gap.cohort not in WHAT_IS_KNOWN


def _said(gap: CohortGap) -> str:
    who = f"{gap.cohort.capitalize()} {gap.value}"
    if gap.measure == RECALL:
        return (
            f"{who}: the next course is found for {gap.own:.0%}, for all others {gap.others:.0%} "
            f"({gap.low:.2f} to {gap.high:.2f} times as often)."
        )
    return (
        f"{who}: {gap.own:.0%} was said to be likely and {gap.others:.0%} came true (apart by "
        f"{gap.low:+.2f} to {gap.high:+.2f})."
    )
