"""What may somebody do with an experiment now, and where not, why not? (measurement)

Pages ask before they show a button. The answer comes from the same rules that `lifecycle` holds
when the step is taken: who may, in which state, and what the gates and the last look say.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

from experiments import history
from experiments.data import VERDICTS, ExperimentRefusedError
from experiments.lifecycle import findings
from experiments.models import Experiment
from experiments.people import permit, permit_person, permit_second
from experiments.shipping import may_ship
from signals.data import Actor

State = Experiment.State

STEPS: dict[str, tuple[Experiment.State, ...]] = {
    "edit": (State.DRAFT,),
    "register": (State.DRAFT,),
    "approve": (State.REGISTERED,),
    "start": (State.APPROVED,),
    "resume": (State.PAUSED,),
    "stop": (State.RUNNING, State.PAUSED),
    "pause": (State.RUNNING,),
    "approve-shipping": (State.STOPPED,),
    "decide": (State.STOPPED,),
    "archive": (State.DRAFT, State.REGISTERED, State.APPROVED, State.DECIDED),
}
SOMEBODY = "staff:a colleague"  # stands for the second approver an experiment does not have yet


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step the state allows; why_not is a sentence where this person may not take it now."""

    name: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A verdict that may be given; why_not is a sentence where the evidence does not allow it."""

    verdict: str
    why_not: str = ""


def next_steps(actor: Actor, *, key: str) -> tuple[NextStep, ...]:
    """Return the steps that may follow, the one that leads on first; none where it is put away."""
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        return ()
    return tuple(
        NextStep(name, _refusal(actor, name, experiment))
        for name, states in STEPS.items()
        if experiment.state in states and _has_a_point(name, experiment, actor)
    )


def verdict_choices(actor: Actor, *, key: str) -> tuple[Choice, ...]:
    """Return the verdicts a stopped experiment may be given by this person."""
    experiment = Experiment.objects.filter(key=key, state=State.STOPPED).first()
    if experiment is None:
        return ()
    return tuple(
        Choice(verdict, _ship_refusal(experiment, actor) if verdict == "ship" else "")
        for verdict in VERDICTS
    )


def _has_a_point(name: str, experiment: Experiment, actor: Actor) -> bool:
    """Leave out a second approval nobody needs: shipping is refused without it and not with it."""
    if name != "approve-shipping":
        return True
    seconded = copy(experiment)
    seconded.seconded_by = SOMEBODY
    return bool(_ship_refusal(experiment, actor)) and not _ship_refusal(seconded, actor)


def _ship_refusal(experiment: Experiment, actor: Actor) -> str:
    return _said(lambda: may_ship(experiment, decider=str(actor)))


def _refusal(actor: Actor, name: str, experiment: Experiment) -> str:
    if not experiment.intact:
        return "The plan is not the one that was registered. Register a new experiment."
    if name == "approve":
        others = history.writers(experiment)
        return _said(lambda: permit_second(actor, key=experiment.key, others=others))
    if name == "approve-shipping":
        return _said(lambda: _permit_shipping(actor, experiment))
    if name in {"start", "resume"} and findings(experiment.key):
        return "A launch check refuses it; what to change is said below."
    return _said(lambda: permit(actor))


def _permit_shipping(actor: Actor, experiment: Experiment) -> None:
    others = history.writers(experiment) | {experiment.approved_by}
    permit_second(actor, key=experiment.key, others=others)
    permit_person(actor)


def _said(check: Callable[[], None]) -> str:
    try:
        check()
    except ExperimentRefusedError as error:
        return str(error)
    return ""
