"""An experiment in a lab, read by the product's own mathematics and rules, on arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.api import needed_per_arm
from experiments.data import CONTROL, TREATMENT, Effect, Plan
from experiments.effects import effect_of
from experiments.metrics import METRICS
from experiments.samples import Arms, adjusted, is_readable
from experiments.stats import sequential
from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import absolute, relative
from experiments.stats.cuped import Paired
from experiments.stats.means import Sample, two_sided
from experiments.stats.srm import check_split
from experiments.stats.verdict import Reading, advise
from tests.experiments.plans import plan as sound
from tests.worlds.product import Product

CLICKS, MODULES = "ctr", "modules_completed"
LOOKS = (14, 21, 28)  # as in the experiment that comes with the product
Values = NDArray[np.float64]


def the_plan(seed: int) -> Plan:
    """Return the model against the generic list, half of the learners each."""
    wanted = sound(
        key=f"lab-{seed}",
        salt=f"lab-{seed}:1",
        primary_metric=CLICKS,
        guardrails=(MODULES,),
        margins=(0.1,),
        variants=(CONTROL, TREATMENT),
        look_days=LOOKS,
        baseline_mean=0.3,
        baseline_sd=0.25,
        mde=0.1,
    )
    return sound(**{**_plain(wanted), "planned_per_arm": needed_per_arm(wanted)})


def _plain(wanted: Plan) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in wanted.__slots__}


@dataclass(frozen=True, slots=True)
class Lift:
    """A relative effect on a metric with its interval, as of a look."""

    share: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as a table cell."""
        return f"{self.share:+.0%} ({self.low:+.0%} to {self.high:+.0%})"


@dataclass(frozen=True, slots=True)
class Look:
    """One planned look."""

    day: int
    clicks: Lift
    modules: Lift
    better: bool  # the primary metric's interval lies above 0
    verdict: str


def arms(product: Product, metric: str, *, start: int, day: int) -> Arms:
    """Return both arms' moments of a metric after `day` days of an experiment begun on `start`."""
    shown, clicked, modules = (
        np.array(days, np.float64)
        for days in (product.shown_on, product.clicked_on, product.modules_on)
    )
    first = _first_sight(shown, start)
    until = start + day
    if metric == CLICKS:
        asked = _window(shown, first, METRICS[CLICKS].window_days, until=until)
        post = _window(clicked, first, METRICS[CLICKS].window_days, until=until)
        has = (first < until) & (asked > 0)
        post, pre = post / np.maximum(asked, 1.0), np.zeros(len(post))
    else:
        window = METRICS[MODULES].window_days
        post = _window(modules, first, window, until=until)
        pre = _window(modules, first - window, window, until=until)
        has = first + window <= until
    names = zip(product.plan.variants, (~product.arms, product.arms), strict=True)
    return {name: _paired(post[has & arm], pre[has & arm]) for name, arm in names}


def _first_sight(shown: Values, start: int) -> NDArray[np.int64]:
    during = shown[start:] > 0
    never = len(shown) + max(LOOKS) + start
    return np.where(during.any(axis=0), start + during.argmax(axis=0), never)


def _window(by_day: Values, first: NDArray[np.int64], days: int, *, until: int) -> Values:
    """Return sums over so many days from each learner's first one, none from `until` on."""
    sums = np.vstack([np.zeros(by_day.shape[1]), by_day.cumsum(axis=0)])
    last = min(until, len(by_day))
    begin, end = np.clip(first, 0, last), np.clip(first + days, 0, last)
    who = np.arange(by_day.shape[1])
    found: Values = sums[end, who] - sums[begin, who]
    return found


def _paired(post: Values, pre: Values) -> Paired:
    return Paired(_sample(post), _sample(pre), float(post @ pre))


def _sample(values: Values) -> Sample:
    return Sample(float(len(values)), float(values.sum()), float(values @ values))


def fell(product: Product, *, start: int, day: int) -> bool:
    """Say whether what may not fall did, by the sequence that is watched every day."""
    plan = product.plan
    found = arms(product, MODULES, start=start, day=day)
    if not is_readable(plan, found):
        return False
    contrast = absolute(*adjusted(plan, found))
    return bool(upper_always(contrast, alpha=plan.alpha / len(plan.protected)) < 0)


def look(product: Product, number: int, *, start: int, day: int) -> Look:
    """Take a planned look, or read what is there on an earlier day by its bounds."""
    plan = product.plan
    bound = sequential.critical_values(plan.fractions, alpha=plan.alpha)[number]
    alpha = 1 - sequential.confidence(bound)
    read = {metric: arms(product, metric, start=start, day=day) for metric in plan.metrics}
    effects = [effect_of(plan, metric, found, alpha=alpha) for metric, found in read.items()]
    counts = [int(read[CLICKS][arm].post.n) for arm in plan.variants]
    advice = advise(
        [_reading(plan, effect) for effect in effects],
        expected=plan.metrics,
        sound=not check_split(counts, plan.shares).broken,
        powered=day == LOOKS[-1] or min(counts) >= plan.planned_per_arm,
    )
    return Look(
        day=day,
        clicks=_lift(plan, read[CLICKS], alpha),
        modules=_lift(plan, read[MODULES], alpha),
        better=effects[0].low > 0,
        verdict=advice.verdict,
    )


def _reading(plan: Plan, effect: Effect) -> Reading:
    return Reading(
        effect.metric,
        effect.track,
        success=effect.metric == plan.primary_metric,
        guarded=effect.metric in plan.guardrails,
        low=effect.low,
        high=effect.high,
        margin=effect.margin * effect.control_mean,
    )


def _lift(plan: Plan, found: Arms, alpha: float) -> Lift:
    told = two_sided(relative(*adjusted(plan, found)), alpha=alpha)
    return Lift(float(told.difference), float(told.low), float(told.high))
