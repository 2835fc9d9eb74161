"""Is some kind of learner told what does not come true? What was said, and what came (measurement).

A pick says how likely it is to be opened. Where that is off by more than a twentieth for one kind
of learner, its bars mislead them and what is ordered by it. A gap the control has as well is said,
and not laid at the variant's door. Held to confidence sequences, so that it may be watched.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from experiments import served
from experiments.cohorts import COHORTS, UNKNOWN, title_of
from experiments.data import WITHIN_DAYS, Holding, Promised
from experiments.guardrails.context import Context
from experiments.guardrails.judging import Words, judge
from experiments.stats.confidence_sequences import lower_always, upper_always
from experiments.stats.contrasts import Contrast
from signals import api as signals

KEY, TITLE = "calibration", "What is said to be likely comes true for every kind of learner"
BOUND = 0.05  # between the mean of what was said and the share that came
LEAST = 50  # learners of a kind in an arm: fewer are not judged
WITHIN = timedelta(days=WITHIN_DAYS)
OVER = timedelta(days=7)  # of lists, the newest of which everything is known
LEARNERS_MOST = 1_000  # of each arm, the newest
WORDS = Words(
    KEY,
    TITLE,
    advice="Calibrate the variant on what came of its lists.",
    nothing=f"Nobody is shown to be told what is off by more than {100 * BOUND:.0f} points.",
    nobody="No cohort has enough learners who were told a probability a week ago or more.",
)

Floats = NDArray[np.float64]
Labels = Mapping[str, Mapping[int, str]]  # cohort -> learner -> value


@dataclass(frozen=True, slots=True)
class Gap:
    """By how much more one kind of learner was told than came true; None where nothing is told."""

    title: str
    control: Contrast | None
    variant: Contrast

    @property
    def by_arm(self) -> dict[str, float | None]:
        """Return the gap of each arm."""
        return {
            "control": None if self.control is None else float(self.control.estimate),
            "variant": float(self.variant.estimate),
        }

    def beyond(self, *, alpha: float) -> bool:
        """Say whether the variant is shown to be further off than the bound, either way."""
        return _size(self.variant, alpha=alpha) > BOUND

    def further(self, *, alpha: float) -> bool:
        """Say whether it is shown to be further off than the control, if that tells anything."""
        if self.control is None:
            return True
        mine, theirs = self.variant, self.control
        sign = np.sign(mine.estimate)
        # As far off on the other side is as far off: what counts is the distance from the truth.
        apart = sign * mine.estimate - np.abs(theirs.estimate)
        error = (mine.error**2 + theirs.error**2) ** 0.5
        change = Contrast(apart, error, mine.degrees, mine.n + theirs.n)
        return float(lower_always(change, alpha=alpha)) > 0

    @property
    def sentence(self) -> str:
        """Return what was found as a clause."""
        more = "more" if self.variant.estimate > 0 else "less"
        points = f"{abs(100 * float(self.variant.estimate)):.0f} points"
        return f"{self.title} are told {points} {more} than comes true"


def check(context: Context) -> Holding:
    """Judge every cohort by the lists of a week, a week after the last of them."""
    if not context.sound:
        says = "The split is not as planned, so what arms say is not compared."
        return Holding(KEY, TITLE, ok=True, says=says)
    both_ways = context.plan.alpha / 2  # above and below
    return judge(list(_gaps(context)), WORDS, alpha=both_ways, said=_said)


def _gaps(context: Context) -> Iterator[Gap]:
    """Yield the gap of every kind of learner whom the variant told anything."""
    until = context.as_of - WITHIN
    newest = signals.exposed_lately(context.plan.key, as_of=until, most=LEARNERS_MOST)
    arms = [
        served.reader().promises(newest.get(arm, ()), until - OVER, until)
        for arm in context.plan.variants
    ]
    labels = _labels([each.learner_id for arm in arms for each in arm], context)
    for cohort, of_learner in labels.items():
        control, variant = (dict(_apart(arm, of_learner)) for arm in arms)
        for value, gap in sorted(variant.items()):
            against = control.get(value)
            if against is not None or not arms[0]:
                yield Gap(title_of(cohort, value), against, gap)


def _labels(learners: Sequence[int], context: Context) -> Labels:
    """Return the kind of each learner as it was before any of these lists was made."""
    found = signals.cohorts_of(learners, at=context.as_of - WITHIN - OVER)
    return {cohort: dict(zip(learners, found[cohort], strict=True)) for cohort in COHORTS}


def _apart(
    arm: Sequence[Promised], of_learner: Mapping[int, str]
) -> Iterator[tuple[str, Contrast]]:
    """Yield the mean gap of each value of a cohort that has enough learners."""
    values = np.array([of_learner[each.learner_id] for each in arm], dtype=np.str_)
    gaps = np.array([each.said - each.came for each in arm], dtype=np.float64)
    for value in np.unique(values):
        own = gaps[values == value]
        if value != UNKNOWN and len(own) >= LEAST:
            yield str(value), _mean(own)


def _mean(gaps: Floats) -> Contrast:
    """Return the mean gap; where all are alike, the next learner may still have done otherwise."""
    n = len(gaps)
    variance = max(float(gaps.var(ddof=1)), 1 / n)
    return Contrast(float(gaps.mean()), (variance / n) ** 0.5, n - 1, n)


def _size(gap: Contrast, *, alpha: float) -> float:
    """Return what the distance from the truth is shown to exceed; negative where it may be none."""
    return max(float(lower_always(gap, alpha=alpha)), -float(upper_always(gap, alpha=alpha)))


def _said(gaps: Sequence[Gap]) -> str:
    return f"{' and '.join(each.sentence for each in gaps)}; {100 * BOUND:.0f} points is the bound."
