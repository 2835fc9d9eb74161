"""Does an arm leave some kind of learner behind? Each cohort against all others (measurement).

Four fifths of what all others reach is the bound (29 CFR 1607.4 D); what was so before the variant
is said, and not laid at its door. Held to confidence sequences, so that it may be watched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from experiments.cohorts import COHORTS, UNKNOWN, title_of
from experiments.data import Holding, Plan
from experiments.guardrails.context import Context
from experiments.guardrails.judging import Words, judge
from experiments.metrics import METRICS, UP
from experiments.samples import Arm, Arms, samples_by_cohort, together
from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import Contrast, relative
from experiments.stats.wording import K

KEY, TITLE = "fairness", "No kind of learner is left behind"
BOUND = 0.8  # of what all other learners reach
WORDS = Words(
    KEY,
    TITLE,
    advice="Find out what the variant takes from them.",
    nothing=f"No cohort is shown to reach less than {BOUND:.0%} of what all others do.",
    nobody="No cohort has enough learners in both arms to be judged yet.",
)
USUAL = "modules_completed"  # read where a plan of an older format watches no progression


@dataclass(frozen=True, slots=True)
class Against:
    """One cohort against all other learners: its relative distance to them, by arm."""

    title: str
    control: Contrast
    variant: Contrast

    @property
    def change(self) -> Contrast:
        """Return how much nearer to the others it is in the variant than in the control."""
        return Contrast(
            self.variant.estimate - self.control.estimate,
            (self.variant.error**2 + self.control.error**2) ** 0.5,
            self.variant.degrees,
            self.variant.n + self.control.n,
        )

    @property
    def by_arm(self) -> dict[str, float | None]:
        """Return how much of what all others reach it reaches, by arm."""
        return {
            "control": 1 + float(self.control.estimate),
            "variant": 1 + float(self.variant.estimate),
        }

    def beyond(self, *, alpha: float) -> bool:
        """Say whether the variant is shown to bring it less than the bound."""
        return float(upper_always(self.variant, alpha=alpha)) < BOUND - 1

    def further(self, *, alpha: float) -> bool:
        """Say whether the variant is shown to have widened the distance."""
        return float(upper_always(self.change, alpha=alpha)) < 0


def check(context: Context) -> Holding:
    """Judge every cohort by the plan's first metric of progression."""
    if not context.sound:
        says = "The split is not as planned, so cohorts are not compared."
        return Holding(KEY, TITLE, ok=True, says=says)
    metric = _progression(context.plan)
    judged = [
        against for cohort in COHORTS for against in _each_against_others(context, cohort, metric)
    ]
    return judge(judged, WORDS, alpha=context.plan.alpha, said=partial(_said, metric=metric))


def _progression(plan: Plan) -> str:
    tracked = (
        each
        for each in plan.metrics
        if METRICS[each].track == "progression" and METRICS[each].better == UP
    )
    return next(tracked, USUAL)


def _each_against_others(context: Context, cohort: str, metric: str) -> Iterator[Against]:
    plan = context.plan
    found = samples_by_cohort(plan, (metric,), cohort, as_of=context.as_of)
    values = {value: metrics[metric] for value, metrics in found.items()}
    for value, own in values.items():
        rest = [arms for other, arms in values.items() if other != value]
        if value == UNKNOWN or not rest:
            continue
        pairs = [(_sum(rest, arm), own[arm]) for arm in plan.variants]
        if all(_judged(others, mine) for others, mine in pairs):
            control, variant = (
                relative(others.post, mine.post, at=BOUND - 1) for others, mine in pairs
            )
            yield Against(title_of(cohort, value), control, variant)


def _sum(arms: Sequence[Arms], arm: str) -> Arm:
    return reduce(together, (each[arm] for each in arms))


def _judged(others: Arm, mine: Arm) -> bool:
    """Say whether there are enough of both, and the others reach anything at all."""
    enough = min(int(others.post.n), int(mine.post.n)) >= K
    return enough and float(others.post.mean) > 0


def _said(behind: Sequence[Against], *, metric: str) -> str:
    named = [
        f"{each.title} reach {1 + float(each.variant.estimate):.0%} of what all others do"
        for each in behind
    ]
    return f"{METRICS[metric].title.capitalize()}: {' and '.join(named)}, {BOUND:.0%} is the bound."
