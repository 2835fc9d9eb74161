"""Which arm does a unit get on first meeting an experiment? Deterministic; keeps nothing."""

from experiments.data import TOGETHER
from experiments.running import Running
from experiments.stats.bucketing import (
    bucket,
    bucket_ranges,
    choose,
    choose_range,
    growthbook_hash,
    in_namespace,
    in_share,
)
from experiments.units import LEARNER

BLAKE2B = "blake2b"


def draw(learner_id: int, experiment: Running, *, cluster: str = "") -> str | None:
    """Return the arm a learner gets on first meeting an experiment, or None; keeps nothing.

    `cluster` is the class or cohort of the learner where the plan draws those. Whatever the share
    that is open: who is drawn at a smaller one is in the same arm at a larger.
    """
    plan, arm = experiment.plan, _draw(learner_id, experiment, cluster=cluster)
    return TOGETHER if arm is not None and plan.interleaved else arm


def _draw(learner_id: int, experiment: Running, *, cluster: str) -> str | None:
    plan = experiment.plan
    if experiment.held_back and any(held.holds(learner_id) for held in experiment.held_back):
        return None
    unit = learner_id if plan.unit == LEARNER else cluster
    if unit == "":
        return None
    if plan.hash != BLAKE2B:
        return _draw_publicly(unit, experiment)
    if plan.namespace:
        place = bucket(unit=unit, salt=f"namespace:{plan.namespace}")
        if not plan.namespace_from <= place < plan.namespace_to:
            return None
    if not in_share(unit=unit, salt=experiment.switch_salt, share=experiment.open_share):
        return None
    return choose(unit=unit, salt=plan.salt, arms=plan.variants, shares=plan.shares)


def _draw_publicly(unit: int | str, experiment: Running) -> str | None:
    """Draw as GrowthBook's SDKs do: seed is the salt, coverage what is open of the shares' sum."""
    plan, value = experiment.plan, str(unit)
    part = (plan.namespace, plan.namespace_from, plan.namespace_to)
    if plan.namespace and not in_namespace(value=value, namespace=part):
        return None
    place = growthbook_hash(seed=plan.salt, value=value, version=2)
    total = sum(plan.shares)
    ranges = bucket_ranges(
        len(plan.variants),
        coverage=total * experiment.open_share,
        weights=[share / total for share in plan.shares],
    )
    arm = choose_range(place, ranges) if place is not None else -1
    return plan.variants[arm] if arm >= 0 else None
