"""Does what is shown last, or only while it is new? The effect week by week (measurement).

Weeks are counted from each learner's exposure. A slope is said where chance does not explain it;
an effect that is not shown any more at the end of its line is not told to ship.
"""

from collections.abc import Iterable
from datetime import datetime

from experiments.data import Plan, Trend
from experiments.effects import effect_of
from experiments.metrics import DOWN, METRICS
from experiments.samples import Arms, adjusted, is_readable, read_arms
from experiments.stats.contrasts import absolute
from experiments.stats.novelty import FADES, STEADY, Slope, Weekly, slope
from experiments.stats.wording import step
from signals.data import Asked

WEEKS = 8
WEEK = 7
ALPHA = 0.05


def trends(plan: Plan, *, as_of: datetime) -> list[Trend]:
    """Return how the effect on the primary metric moves; empty where too few weeks can be read."""
    metric = plan.primary_metric
    if not has_weeks(metric):
        return []
    asked = {
        week: Asked(metric, WEEK, WEEK * (week - 1), METRICS[metric].winsor)
        for week in range(1, WEEKS + 1)
    }
    samples = {
        week: arms
        for week, arms in read_arms(plan, asked, as_of=as_of).items()
        if is_readable(plan, arms)
    }
    found = slope([_weekly(plan, week, samples[week]) for week in sorted(samples)], alpha=ALPHA)
    if found is None:
        return []
    effects = [
        (week, effect_of(plan, metric, arms, alpha=ALPHA)) for week, arms in sorted(samples.items())
    ]
    return [
        Trend(
            metric=metric,
            reading=found.reading,
            lasts=_lasts(found, metric),
            weeks=tuple(
                (week, effect.difference, effect.low, effect.high) for week, effect in effects
            ),
            sentence=_said(found, metric),
        )
    ]


def has_weeks(metric: str) -> bool:
    """Say whether a metric can be told for each week: its own window is two weeks or more."""
    listed = METRICS[metric]
    return listed.from_days == 0 and listed.window_days >= 2 * WEEK


def doubtful(found: Iterable[Trend]) -> list[Trend]:
    """Return the trends that speak against shipping: they fade, and are gone at the end."""
    return [each for each in found if each.reading == FADES and not each.lasts]


def _weekly(plan: Plan, week: int, arms: Arms) -> Weekly:
    found = absolute(*adjusted(plan, arms))
    return Weekly(week, float(found.estimate), float(found.error))


def _lasts(found: Slope, metric: str) -> bool:
    """Say whether a gain is still shown in the last week."""
    return found.last_high < 0 if METRICS[metric].better == DOWN else found.last_low > 0


def _said(found: Slope, metric: str) -> str:
    if found.reading == STEADY:
        return ""
    return (
        f"The effect on {METRICS[metric].title} {found.reading}: "
        f"{step(found.first, metric=metric)} in the first week after a learner first saw it, "
        f"{step(found.last, metric=metric)} in week {found.last_week}."
    )
