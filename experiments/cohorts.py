"""Which effects are looked through beside the plan's? Cohorts, and other metrics (measurement).

What is seen in one of many is worth a new test and no verdict. Harm to a cohort stands in the way
of shipping, so Holm's adjustment is over all cohorts and metrics together; metrics beside the
plan's are looked through by the rate of false discoveries.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from experiments.data import Compared, Effect, Plan
from experiments.effects import direction, effect_of, readable_effects
from experiments.metrics import AHEAD_DAYS, MEASURED, METRICS
from experiments.samples import is_readable, samples_by_cohort, samples_of
from experiments.stats.multiplicity import benjamini_hochberg, holm
from experiments.stats.wording import people, step

UNKNOWN = "unknown"
# Of `signals.derive.cohorts`.
COHORTS = ("tenure", "activity", "language", "organisation", "region", "device")
_TITLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("tenure", "new"): "Learners who had just come",
        ("tenure", "returning"): "Learners who had been here for a week or more",
        ("activity", "none"): "Learners who had done nothing for four weeks",
        ("activity", "some"): "Learners who had done a little",
        ("activity", "much"): "Learners who had done much",
    }
)
_ANY_TITLE: Mapping[str, str] = MappingProxyType(
    {"organisation": "Learners of", "region": "Learners in", "device": "Learners with a"}
)


def title_of(cohort: str, value: str) -> str:
    """Return the learners of a cohort in words that begin a sentence."""
    if value == UNKNOWN:
        return f"Learners of unknown {cohort}"
    begins = _ANY_TITLE.get(cohort, f"Learners with {cohort}")
    return _TITLES.get((cohort, value), f"{begins} {value}")


def compare_cohorts(plan: Plan, *, as_of: datetime, alpha: float) -> list[Compared]:
    """Return the effect in every cohort that is large enough, with Holm's adjustment over all."""
    effects = [
        (cohort, value, effect_of(plan, metric, arms, alpha=alpha))
        for cohort in COHORTS
        for value, metrics in samples_by_cohort(plan, plan.metrics, cohort, as_of=as_of).items()
        if value != UNKNOWN  # of whom nothing is known is no kind of learner
        for metric, arms in metrics.items()
        if is_readable(plan, arms)
    ]
    adjusted = holm([effect.p_value for _cohort, _value, effect in effects])
    return [
        compared(effect, float(p_value), alpha=alpha, cohort=cohort, value=value)
        for (cohort, value, effect), p_value in zip(effects, adjusted, strict=True)
    ]


def compare_metrics(plan: Plan, *, as_of: datetime, alpha: float) -> list[Compared]:
    """Return the effect on every metric beside the plan's, by the rate of false discoveries.

    Of those that are counted ahead: one that is not would have every event read anew.
    """
    beside = [
        metric.key
        for metric in MEASURED.values()
        if metric.key not in plan.metrics and metric.longest_days <= AHEAD_DAYS
    ]
    effects = readable_effects(plan, samples_of(plan, beside, as_of=as_of), alpha=alpha)
    adjusted = benjamini_hochberg([effect.p_value for effect in effects])
    return [
        compared(effect, float(p_value), alpha=alpha)
        for effect, p_value in zip(effects, adjusted, strict=True)
    ]


def compared(
    effect: Effect, p_adjusted: float, *, alpha: float, cohort: str = "", value: str = ""
) -> Compared:
    """Return an effect as it may be called among many."""
    return Compared(
        effect=effect,
        p_adjusted=p_adjusted,
        reading=direction(effect) if p_adjusted < alpha else "not clear",
        cohort=cohort,
        value=value,
        title=title_of(cohort, value) if cohort else METRICS[effect.metric].title.capitalize(),
    )


def harmed(found: Iterable[Compared]) -> list[Compared]:
    """Return the cohorts that are shown to lose."""
    return [each for each in found if each.reading == "worse"]


def lost_by(found: Compared) -> str:
    """Return what a cohort lost, with how many learners say so."""
    effect = found.effect
    return (
        f"{found.title} lose on {METRICS[effect.metric].title}: "
        f"{step(effect.difference, metric=effect.metric)} ({people(effect.n_variant)} learners "
        f"against {people(effect.n_control)}), adjusted for all cohorts looked at."
    )
