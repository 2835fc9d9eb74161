"""Does a running experiment do harm? Watched at every beat, stopped at once (measurement).

Planned looks are few, harm is not to wait for them: what may not fall is held to a confidence
sequence, which stays valid however often it is looked at. Where it says that something fell, the
experiment is stopped and its switch turned off, and everybody is back with the control.
"""

from dataclasses import dataclass
from datetime import datetime

from experiments import lifecycle
from experiments.data import ExperimentRefusedError, Plan
from experiments.metrics import METRICS
from experiments.models import Experiment
from experiments.samples import Arms, adjusted, arms_of, is_readable, seen
from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import absolute
from experiments.stats.verdict import PROTECTED
from experiments.stats.wording import people, step
from signals.data import SYSTEM


@dataclass(frozen=True, slots=True)
class RolledBack:
    """An experiment that was stopped because something fell, and what is said about it."""

    key: str
    metric: str
    reason: str


def roll_back_harm(*, now: datetime) -> list[RolledBack]:
    """Stop every running experiment whose protected metrics fell; return which and why."""
    running = Experiment.objects.filter(state=Experiment.State.RUNNING).order_by("id")
    found = [harm for experiment in running if (harm := _harm(experiment, now=now))]
    return [harm for harm in found if _stopped(harm, now=now)]


def protected_metrics(plan: Plan) -> tuple[str, ...]:
    """Return the metrics of a plan that may not fall: its guardrails, and all of progression."""
    return tuple(
        metric
        for metric in plan.metrics
        if metric in plan.guardrails or METRICS[metric].track in PROTECTED
    )


def _harm(experiment: Experiment, *, now: datetime) -> RolledBack | None:
    plan = experiment.plan
    watched = protected_metrics(plan)
    if not watched or not seen(experiment, as_of=now).sound:
        return None  # nothing can be read from a broken split; its page says so
    for metric in watched:
        arms = arms_of(plan, metric, as_of=now)
        if is_readable(plan, arms) and _fell(plan, arms, watched=len(watched)):
            return RolledBack(plan.key, metric, _reason(plan, metric, arms))
    return None


def _fell(plan: Plan, arms: Arms, *, watched: int) -> bool:
    """Say whether the sequence's bound lies below 0; the metrics share the plan's alpha."""
    contrast = absolute(*adjusted(plan, arms))
    return bool(upper_always(contrast, alpha=plan.alpha / watched) < 0)


def _reason(plan: Plan, metric: str, arms: Arms) -> str:
    control, variant = (arms[arm].post for arm in plan.variants)
    moved = step(float(variant.mean - control.mean), metric=metric)
    seen = f"{people(int(variant.n))} learners against {people(int(control.n))}"
    return (
        f"Rolled back by itself: {METRICS[metric].title} fell by {moved.lstrip('-')} ({seen}), "
        "which chance does not explain at any time of looking."
    )


def _stopped(harm: RolledBack, *, now: datetime) -> bool:
    try:
        lifecycle.stop(SYSTEM, key=harm.key, reason=harm.reason, now=now)
    except ExperimentRefusedError:
        return False  # somebody stopped it first, or its plan was touched and it reads nothing
    return True
