"""What stands beside the plan's own effects at a look? (measurement)

Guardrails that no plan can leave out, cohorts, other metrics, and whether the effect lasts: none of
it makes anything ship, and some of it stands in the way.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from experiments.cohorts import compare_cohorts, compare_metrics, harmed, lost_by
from experiments.data import Compared, Holding, Plan, Trend
from experiments.guardrails.context import Context
from experiments.guardrails.registry import hold_all
from experiments.trends import doubtful, trends


@dataclass(frozen=True, slots=True)
class Beside:
    """What was found."""

    guardrails: tuple[Holding, ...]
    cohorts: tuple[Compared, ...] = ()
    secondary: tuple[Compared, ...] = ()
    trends: tuple[Trend, ...] = ()

    @property
    def broken(self) -> tuple[str, ...]:
        """Return the verdicts of guardrails that do not hold."""
        return tuple(each.verdict for each in self.guardrails if not each.ok)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return what speaks against shipping silently, as sentences."""
        lost = tuple(lost_by(each) for each in harmed(self.cohorts))
        return lost + tuple(each.sentence for each in doubtful(self.trends))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what a reader should know of it."""
        broken = tuple(each.says for each in self.guardrails if not each.ok)
        moving = tuple(each.sentence for each in self.trends if each.sentence not in self.doubts)
        return broken + self.doubts + tuple(each for each in moving if each)

    def kept(self) -> dict[str, object]:
        """Return it as a snapshot keeps it."""
        return {**asdict(self), "doubts": self.doubts}


def look_beside(plan: Plan, *, as_of: datetime, alpha: float, sound: bool) -> Beside:
    """Return what stands beside; where arms cannot be compared, the guardrails alone."""
    guardrails = hold_all(Context(plan, as_of=as_of, sound=sound))
    if not sound or plan.interleaved:  # everybody is in one group
        return Beside(guardrails)
    return Beside(
        guardrails=guardrails,
        cohorts=tuple(compare_cohorts(plan, as_of=as_of, alpha=alpha)),
        secondary=tuple(compare_metrics(plan, as_of=as_of, alpha=alpha)),
        trends=tuple(trends(plan, as_of=as_of)),
    )
