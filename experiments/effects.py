"""What is the effect on one metric, with its interval? From moments of both arms (measurement)."""

from experiments.data import Effect, Plan
from experiments.metrics import DOWN, METRICS
from experiments.samples import Arms, adjusted, is_readable, telling
from experiments.stats.means import difference


def effect_of(plan: Plan, metric: str, arms: Arms, *, alpha: float) -> Effect:
    """Return variant against control with a 1 - alpha interval; the arms must be readable."""
    control, variant = (arms[arm].post for arm in plan.variants)
    found = difference(*adjusted(plan, arms), alpha=alpha)
    return Effect(
        metric=metric,
        track=METRICS[metric].track,
        unit=METRICS[metric].unit,
        control_mean=float(control.mean),
        variant_mean=float(variant.mean),
        difference=float(found.difference),
        low=float(found.low),
        high=float(found.high),
        p_value=float(found.p_value),
        n_control=telling(arms[plan.variants[0]]),
        n_variant=telling(arms[plan.variants[1]]),
        margin=plan.margin(metric),
        better=METRICS[metric].better,
    )


def readable_effects(plan: Plan, samples: dict[str, Arms], *, alpha: float) -> list[Effect]:
    """Return the effects of all metrics that may be shown."""
    return [
        effect_of(plan, metric, arms, alpha=alpha)
        for metric, arms in samples.items()
        if is_readable(plan, arms)
    ]


def direction(effect: Effect) -> str:
    """Return better or worse, whatever chance may explain."""
    gained = -effect.difference if effect.better == DOWN else effect.difference
    return "better" if gained > 0 else "worse"
