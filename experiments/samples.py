"""Who was seen in each arm, and what did they do? Counts and moments of running experiments.

Exact numbers, for the mathematics alone; nothing here is shown before `analysis` has made words of
it. Learners who were drawn for an arm and never seen are compared by arm: see `stats.srm`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from experiments.data import Plan
from experiments.metrics import METRICS
from experiments.models import Assignment, Experiment
from experiments.stats.cuped import Adjusted, Paired, adjust
from experiments.stats.means import Sample
from experiments.stats.srm import Loss, Split, check_loss, check_split
from experiments.stats.wording import K
from experiments.surfaces import codes_of
from signals import api as signals

Arms = dict[str, Paired]  # a metric after the exposure and before it, by arm
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


def seen(experiment: Experiment, *, as_of: datetime, n: dict[str, int] | None = None) -> Seen:
    """Return who was seen by then and whether the arms lost anybody; `n` as a look kept it."""
    n = _exposed(experiment, as_of=as_of) if n is None else n
    counts = [n[arm] for arm in experiment.variants]
    assigned = _assigned(experiment, as_of=as_of)
    # An exposure that nobody was drawn for is no loss; the split alone speaks then.
    known = all(size >= count for size, count in zip(assigned, counts, strict=True))
    return Seen(
        n=n,
        split=check_split(counts, experiment.shares),
        loss=check_loss(assigned if known else counts, counts),
    )


def _assigned(experiment: Experiment, *, as_of: datetime) -> list[int]:
    drawn = dict(
        Assignment.objects.filter(experiment=experiment, assigned_at__lte=as_of)
        .values_list("variant")
        .annotate(Count("learner_id"))
    )
    return [drawn.get(arm, 0) for arm in experiment.variants]


def _exposed(experiment: Experiment, *, as_of: datetime) -> dict[str, int]:
    counts = signals.exposed_counts(experiment.key, as_of=as_of)
    return {arm: counts.get(arm, 0) for arm in experiment.variants}


def arms_of(plan: Plan, metric: str, *, as_of: datetime) -> Arms:
    """Return the moments of a metric by arm, as of a moment."""
    rows = signals.moments(
        plan.key,
        metric=metric,
        surfaces=codes_of(plan.surfaces),
        window_days=METRICS[metric].window_days,
        as_of=as_of,
    )
    found = {
        row.arm: Paired(
            Sample(row.n, row.total, row.squares),
            Sample(row.n, row.before_total, row.before_squares),
            row.products,
        )
        for row in rows
    }
    return {arm: found.get(arm, NOBODY) for arm in plan.variants}


def adjusted(plan: Plan, arms: Arms) -> tuple[Adjusted | Sample, Adjusted | Sample]:
    """Return control and variant with what the time before predicts taken off (CUPED).

    As they are where nothing was done before: there is nothing to adjust by.
    """
    control, variant = (arms[arm] for arm in plan.variants)
    if (control + variant).pre.variance <= 0:
        return control.post, variant.post
    both = adjust(control, variant)
    return both.control, both.variant


def is_readable(plan: Plan, arms: Arms) -> bool:
    """Say whether an effect may be shown: enough learners, who did not all do the same."""
    samples = [arms[arm].post for arm in plan.variants]
    return all(sample.n >= K for sample in samples) and any(
        sample.variance > 0 for sample in samples
    )
