"""Does a running experiment do harm? Watched at every beat, stopped at once (measurement).

Planned looks are few, harm is not to wait for them: what may not fall is held to a confidence
sequence, which stays valid however often it is looked at. Where it says that something fell, or a
guardrail that no plan can leave out does not hold, the experiment is stopped and its switch turned
off, and everybody is back with the control. One that cannot be read is told of, and then paused
(`unwatched`): nobody is let into what nobody watches.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from experiments import lifecycle, preferences
from experiments.data import ExperimentRefusedError, Plan
from experiments.guardrails.context import Context
from experiments.guardrails.registry import hold_all
from experiments.metrics import DOWN, METRICS
from experiments.models import Experiment
from experiments.samples import Arms, adjusted, arms_of, is_readable, seen
from experiments.stats.confidence_sequences import lower_always, upper_always
from experiments.stats.contrasts import absolute
from experiments.stats.verdict import ROLL_BACK
from experiments.stats.wording import people, step
from experiments.unwatched import keep_failed, keep_watched
from signals.data import SYSTEM

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """An experiment that was stopped because something fell, and what is said about it."""

    key: str
    metric: str  # or the irremovable guardrail
    reason: str


def roll_back_harm(*, now: datetime) -> list[RolledBack]:
    """Stop every running experiment whose protected metrics fell; return which and why."""
    running = Experiment.objects.filter(state=Experiment.State.RUNNING)
    running = running.select_related("unwatched").order_by("id")
    found = [harm for experiment in running if (harm := _looked_at(experiment, now=now))]
    return [harm for harm in found if _stopped(harm, now=now)]


def _looked_at(experiment: Experiment, *, now: datetime) -> RolledBack | None:
    try:
        harm = _harm(experiment, now=now)
    except Exception as error:  # one that cannot be read must not keep another's harm going
        log.exception("Experiment %s cannot be watched; find out why.", experiment.key)
        keep_failed(experiment, why=type(error).__name__, now=now)
        return None
    if hasattr(experiment, "unwatched"):
        keep_watched(experiment, now=now)
    return harm


def _harm(experiment: Experiment, *, now: datetime) -> RolledBack | None:
    plan = experiment.plan
    sound = seen(experiment, as_of=now).sound
    for holding in hold_all(Context(plan, as_of=now, sound=sound)):
        if holding.verdict == ROLL_BACK:
            says = f"Rolled back by itself: {holding.says}"
            return RolledBack(plan.key, holding.guardrail, says)
    if plan.interleaved:
        return _preferred_less(experiment, now=now)
    watched = plan.protected
    if not watched or not sound:
        return None  # nothing can be read from a broken split; its page says so
    for metric in watched:
        arms = arms_of(plan, metric, as_of=now)
        if is_readable(plan, arms) and _fell(plan, metric, arms, watched=len(watched)):
            return RolledBack(plan.key, metric, _reason(plan, metric, arms))
    return None


def _preferred_less(experiment: Experiment, *, now: datetime) -> RolledBack | None:
    """Where two rankers fill one list there are no arms: the votes themselves are watched."""
    plan = experiment.plan
    cast = preferences.count_votes(experiment, as_of=now)[plan.primary_metric]
    if not preferences.fell(cast, alpha=plan.alpha):
        return None
    control, variant = plan.variants
    return RolledBack(
        plan.key,
        plan.primary_metric,
        f"Rolled back by itself: by completed lessons {people(cast.losses)} learners have more "
        f"from {control} and {people(cast.wins)} from {variant}, which chance does not explain at "
        "any time of looking.",
    )


def _fell(plan: Plan, metric: str, arms: Arms, *, watched: int) -> bool:
    """Say whether a sequence shows a loss; the metrics share the plan's alpha."""
    contrast = absolute(*adjusted(plan, arms))
    alpha = plan.alpha / watched
    if METRICS[metric].better == DOWN:
        return bool(lower_always(contrast, alpha=alpha) > 0)
    return bool(upper_always(contrast, alpha=alpha) < 0)


def _reason(plan: Plan, metric: str, arms: Arms) -> str:
    control, variant = (arms[arm].post for arm in plan.variants)
    moved = step(float(variant.mean - control.mean), metric=metric)
    fell = "rose" if METRICS[metric].better == DOWN else "fell"
    seen = f"{people(int(variant.n))} learners against {people(int(control.n))}"
    return (
        f"Rolled back by itself: {METRICS[metric].title} {fell} by {moved.lstrip('+-')} ({seen}), "
        "which chance does not explain at any time of looking."
    )


def _stopped(harm: RolledBack, *, now: datetime) -> bool:
    try:
        lifecycle.stop(SYSTEM, key=harm.key, reason=harm.reason, now=now, fell=harm.metric)
    except ExperimentRefusedError:
        return False  # somebody stopped it first, or its plan was touched and it reads nothing
    return True
