"""Who was seen in each arm, and what did they do? Counts and moments of running experiments.

Exact numbers, for the mathematics alone; nothing here is shown before `reading` has made words of
it. Learners who were drawn for an arm and never seen are compared by arm: see `stats.srm`.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from django.db.models import Count

from experiments.data import INTERLEAVED, TOGETHER, Plan
from experiments.metrics import METRICS
from experiments.models import Assignment, Experiment
from experiments.stats import adjusted_ratio, cuped
from experiments.stats.adjusted_ratio import PairedRatio
from experiments.stats.contrasts import Estimated
from experiments.stats.cuped import Paired
from experiments.stats.means import Sample
from experiments.stats.srm import Loss, Split, check_loss, check_split
from experiments.stats.wording import K
from experiments.surfaces import codes_of
from signals import api as signals
from signals.data import ArmMoments, Asked

Arm = Paired | PairedRatio  # a metric after the exposure and before it
Arms = dict[str, Arm]
Name = TypeVar("Name", bound=Hashable)
LEARNER = "learner"  # the unit that is no group
NOBODY = Paired(Sample(0, 0.0, 0.0), Sample(0, 0.0, 0.0), 0.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """How many learners of each arm were exposed, and whether that is as planned."""

    n: dict[str, int]
    split: Split
    loss: Loss

    @property
    def sound(self) -> bool:
        """Say whether effects may be read."""
        return not self.split.broken and not self.loss.broken


def seen(experiment: Experiment, *, as_of: datetime) -> Seen:
    """Return who was seen by then and whether the arms lost anybody."""
    n = _exposed(experiment, as_of=as_of)
    counts = [n[arm] for arm in experiment.variants]
    assigned = _assigned(experiment, as_of=as_of)
    # An exposure that nobody was drawn for is no loss; the split alone speaks then.
    known = all(size >= count for size, count in zip(assigned, counts, strict=True))
    return Seen(
        n=n,
        split=check_split(counts, experiment.shares),
        loss=check_loss(assigned if known else counts, counts),
    )


def kept_seen(results: Mapping[str, Any]) -> Seen:
    """Return the same as a look kept it: whoever is erased since changes no look."""
    return Seen(
        n=results["n"],
        split=Split(**results["split"]),
        loss=Loss(**results["loss"]),
    )


def _assigned(experiment: Experiment, *, as_of: datetime) -> list[int]:
    drawn = dict(
        Assignment.objects.filter(experiment=experiment, assigned_at__lte=as_of)
        .values_list("variant")
        .annotate(Count("learner_id"))
    )
    return [drawn.get(_drawn_for(experiment, arm), 0) for arm in experiment.variants]


def _exposed(experiment: Experiment, *, as_of: datetime) -> dict[str, int]:
    counts = signals.exposed_counts(experiment.key, as_of=as_of)
    return {arm: counts.get(_drawn_for(experiment, arm), 0) for arm in experiment.variants}


def _drawn_for(experiment: Experiment, arm: str) -> str:
    """Return the arm learners stand under; whoever has two rankers in one list is in both."""
    return TOGETHER if experiment.design == INTERLEAVED else arm


def samples_of(plan: Plan, metrics: Sequence[str], *, as_of: datetime) -> dict[str, Arms]:
    """Return the moments of metrics by metric and arm, as of a moment; all in one pass."""
    return read_arms(plan, {metric: asked_of(metric) for metric in metrics}, as_of=as_of)


def read_arms(plan: Plan, asked: Mapping[Name, Asked], *, as_of: datetime) -> dict[Name, Arms]:
    """Return the moments of what is asked by name and arm, as of a moment; all in one pass.

    Where classes are drawn, one observation is a class.
    """
    read = signals.measured if plan.unit == LEARNER else signals.cluster_moments
    rows = read(plan.key, list(asked.values()), surfaces=codes_of(plan.surfaces), as_of=as_of)
    return {name: _by_arm(plan, rows[one]) for name, one in asked.items()}


def samples_by_cohort(
    plan: Plan, metrics: Sequence[str], cohort: str, *, as_of: datetime
) -> dict[str, dict[str, Arms]]:
    """Return the moments of metrics by value of a cohort, metric and arm, of the plan's units."""
    asked = {metric: asked_of(metric) for metric in metrics}
    read = signals.measured if plan.unit == LEARNER else signals.cluster_moments
    rows = read(
        plan.key,
        list(asked.values()),
        surfaces=codes_of(plan.surfaces),
        as_of=as_of,
        cohort=cohort,
    )
    values = sorted({row.cohort for found in rows.values() for row in found})
    return {
        value: {
            metric: _by_arm(plan, [row for row in rows[one] if row.cohort == value])
            for metric, one in asked.items()
        }
        for value in values
    }


def arms_of(plan: Plan, metric: str, *, as_of: datetime) -> Arms:
    """Return the moments of one metric by arm, as of a moment."""
    return samples_of(plan, (metric,), as_of=as_of)[metric]


def asked_of(metric: str) -> Asked:
    """Return what is asked of signals for a metric."""
    listed = METRICS[metric]
    return Asked(metric, listed.window_days, listed.from_days, listed.winsor)


def _by_arm(plan: Plan, rows: Sequence[ArmMoments]) -> Arms:
    found = {row.arm: arm_of(row) for row in rows}
    return {arm: found.get(arm, NOBODY) for arm in plan.variants}


def arm_of(row: ArmMoments) -> Arm:
    """Return an arm as the mathematics takes it."""
    if row.ratio is not None:
        return PairedRatio(
            row.n,
            np.array(row.ratio.totals),
            np.array(row.ratio.products),
            learners=row.learners,
            telling=row.telling,
        )
    return Paired(
        Sample(row.n, row.total, row.squares),
        Sample(row.n, row.before_total, row.before_squares),
        row.products,
    )


def kept(arm: Arm) -> dict[str, object]:
    """Return the sums of an arm as JSON can hold them."""
    if isinstance(arm, PairedRatio):
        return {
            "n": arm.n,
            "totals": arm.totals.tolist(),
            "products": arm.products.tolist(),
            "learners": arm.learners,
            "telling": arm.telling,
        }
    return asdict(arm)


def learners(arm: Arm) -> int:
    """Return of how many learners an arm was measured, whoever is drawn."""
    return int(arm.learners if isinstance(arm, PairedRatio) else arm.post.n)


def telling(arm: Arm) -> int:
    """Return how many learners have part in an arm's value: of a ratio, who has its base."""
    return int(arm.telling if isinstance(arm, PairedRatio) else arm.post.n)


def together(control: Arm, variant: Arm) -> Arm:
    """Return both arms as one; both hold values or both hold ratios."""
    if isinstance(control, PairedRatio) and isinstance(variant, PairedRatio):
        return control + variant
    if isinstance(control, Paired) and isinstance(variant, Paired):
        return control + variant
    return variant if isinstance(control, Paired) else control  # the other one is NOBODY


def adjusted(plan: Plan, arms: Arms) -> tuple[Estimated, Estimated]:
    """Return control and variant with what the time before predicts taken off (CUPED).

    As they are where nothing was done before: there is nothing to adjust by.
    """
    control, variant = (arms[arm] for arm in plan.variants)
    found = _adjustment(control, variant)
    return (found.control, found.variant) if found else (control.post, variant.post)


def _adjustment(control: Arm, variant: Arm) -> cuped.Adjustment | None:
    if isinstance(control, PairedRatio) and isinstance(variant, PairedRatio):
        known = control.explains and variant.explains
        return adjusted_ratio.adjust(control, variant) if known else None
    if isinstance(control, Paired) and isinstance(variant, Paired):
        varies = (control + variant).pre.variance > 0
        return cuped.adjust(control, variant) if varies else None
    return None


def is_readable(plan: Plan, arms: Arms) -> bool:
    """Say whether an effect may be shown: enough units, who did not all do the same.

    The stars of one learner are not shown, whatever else that learner's class or arm did: of a
    ratio, ten learners at least have something to divide by.
    """
    both = [arms[arm] for arm in plan.variants]
    return all(arm.post.n >= K and telling(arm) >= K for arm in both) and any(
        arm.post.variance > 0 for arm in both
    )
