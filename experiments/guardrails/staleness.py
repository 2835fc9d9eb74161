"""Does one arm decide by older knowledge than the other? Then ages are compared (measurement).

Read of the newest learners of each arm, over the last day: a model that is no longer refreshed
shows there first.
"""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from experiments import served
from experiments.data import Holding
from experiments.guardrails.context import Context
from experiments.stats.confidence_sequences import lower_always
from experiments.stats.contrasts import absolute
from experiments.stats.means import Sample
from experiments.stats.verdict import INVALID
from experiments.stats.wording import K
from signals import api as signals

KEY, TITLE = "staleness", "Both arms decide by knowledge of the same age"
MARGIN_HOURS = 24.0
OVER = timedelta(days=1)
LEARNERS_MOST = 2_000  # of each arm, the newest


def check(context: Context) -> Holding:
    """Compare by arm how old the models were that made learners' lists."""
    newest = signals.exposed_lately(context.plan.key, as_of=context.as_of, most=LEARNERS_MOST)
    ages = [_ages(context, newest.get(arm, ())) for arm in context.plan.variants]
    samples = [_sample(each) for each in ages]
    evidence = {
        arm: {"learners": int(sample.n), "hours": float(sample.total) / max(int(sample.n), 1)}
        for arm, sample in zip(context.plan.variants, samples, strict=True)
    }
    if min(sample.n for sample in samples) < K:
        says = "An arm has no lists that a model made in the last day, so no age is compared."
        return Holding(KEY, TITLE, ok=True, says=says, evidence=evidence)
    # Whichever arm is behind: an old control flatters the variant as a fresh one would.
    (fresher, fresh), (older, old) = sorted(
        zip(context.plan.variants, samples, strict=True), key=lambda arm: float(arm[1].mean)
    )
    hours = float(old.mean - fresh.mean)
    contrast = absolute(fresh, old)
    shown = float(lower_always(contrast, alpha=context.plan.alpha / 2)) > MARGIN_HOURS
    alike = float(contrast.error) == 0  # one model each: nothing varies
    if not shown and not (alike and hours > MARGIN_HOURS):
        says = f"Their models are {hours:.0f} hours apart, {MARGIN_HOURS:.0f} are allowed."
        if hours > MARGIN_HOURS:
            says += " So few learners do not show that it is more."
        return Holding(KEY, TITLE, ok=True, says=says, evidence=evidence)
    return Holding(
        KEY,
        TITLE,
        ok=False,
        says=(
            f"Lists of {older} were made by models {hours:.0f} hours older than those of "
            f"{fresher}: age is compared, not the arms. Refresh both and register anew."
        ),
        verdict=INVALID,
        evidence=evidence,
    )


def _ages(context: Context, learners: Sequence[int]) -> Sequence[float]:
    return served.reader().model_ages(learners, context.as_of - OVER, context.as_of)


def _sample(ages: Sequence[float]) -> Sample:
    values = np.asarray(ages, dtype=np.float64)
    return Sample(len(values), float(values.sum()), float(values @ values))
