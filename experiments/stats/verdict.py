"""What do the readings of a look say to do? Five verdicts in one order (pure).

The order is exhaustive and the first that holds wins: nothing is read from a broken split; harm is
acted on before gain; a gain ships only where progression and every guardrail are shown to have
lost no more than their margin, and nothing else stands in doubt; what has not seen enough goes on;
the rest is for people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

INVALID, ROLL_BACK, SHIP, EXTEND, REVIEW = "invalid", "roll back", "ship", "extend", "review"
PROTECTED = frozenset({"progression", "guardrail"})  # tracks that may not lose


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric of a look: the interval of variant minus control, more is better."""

    metric: str
    track: str  # engagement, progression, guardrail
    success: bool  # the metric the experiment was made to move
    guarded: bool  # named in the plan as one that may not lose
    low: float
    high: float
    margin: float  # the loss that still counts as none, in the metric's units, at least 0

    @property
    def better(self) -> bool:
        """Say whether the whole interval lies above 0."""
        return self.low > 0

    @property
    def worse(self) -> bool:
        """Say whether the whole interval lies below 0."""
        return self.high < 0

    @property
    def not_inferior(self) -> bool:
        """Say whether a loss beyond the margin is ruled out."""
        return self.low >= -self.margin

    @property
    def protected(self) -> bool:
        """Say whether this metric may not lose."""
        return self.guarded or self.track in PROTECTED


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, which metrics say so, and whether shipping would go against progression."""

    verdict: str
    because: tuple[str, ...]  # keys of metrics; empty where the split or the size says so
    second_approver: bool = False  # success is shown, but something may have been lost


def advise(
    readings: Sequence[Reading],
    *,
    expected: Sequence[str],
    sound: bool,
    powered: bool,
    broken: Sequence[str] = (),
    doubts: Sequence[str] = (),
) -> Advice:
    """Return what a look says to do.

    Args:
        readings: the metrics of the plan that could be read.
        expected: every metric of the plan; one that could not be read cannot be called unharmed.
        sound: the split is as planned and the plan is the one that was registered.
        powered: every planned learner was seen, or every planned look taken.
        broken: verdicts of the irremovable guardrails that do not hold: INVALID or ROLL_BACK.
        doubts: what stands in the way of shipping silently: a harmed cohort, an effect that fades.
    """
    if not sound or INVALID in broken:
        return Advice(INVALID, ())
    harmed = tuple(each.metric for each in readings if each.protected and each.worse)
    if harmed or ROLL_BACK in broken:
        return Advice(ROLL_BACK, harmed)
    read = {each.metric for each in readings}
    unread = tuple(metric for metric in expected if metric not in read)
    doubtful = tuple(each.metric for each in readings if each.protected and not each.not_inferior)
    gained = tuple(each.metric for each in readings if each.success and each.better)
    if gained and not unread and not doubtful and not doubts:
        return Advice(SHIP, gained)
    if not powered:
        return Advice(EXTEND, unread + doubtful, second_approver=bool(gained))
    return Advice(REVIEW, unread + doubtful, second_approver=bool(gained))
