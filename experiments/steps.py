"""What may somebody do with an experiment now, and where not, why not? (measurement)

Pages ask before they show a button. The answer comes from the same rules that `lifecycle` holds
when the step is taken: who may, in which state, and what the gates and the last look say.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from experiments.data import VERDICTS, ExperimentRefusedError
from experiments.lifecycle import findings
from experiments.models import Experiment
from experiments.parts import permit_approval, permit_shipping
from experiments.people import permit
from experiments.ramp import evidence
from experiments.rereads import reopened_by
from experiments.shipping import may_ship
from signals.data import Actor

State = Experiment.State

STEPS: dict[str, tuple[Experiment.State, ...]] = {
    "edit": (State.DRAFT,),
    "register": (State.DRAFT,),
    "approve": (State.REGISTERED,),
    "start": (State.APPROVED,),
    "resume": (State.PAUSED,),
    "widen": (State.RUNNING,),
    "stop": (State.RUNNING, State.PAUSED),
    "narrow": (State.RUNNING,),
    "pause": (State.RUNNING,),
    "approve-shipping": (State.STOPPED,),
    "decide": (State.STOPPED,),
    "answer": (State.DECIDED, State.ARCHIVED),
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


def next_steps(actor: Actor, *, key: str, now: datetime) -> tuple[NextStep, ...]:
    """Return the steps that may follow, the one that leads on first; none where it is put away."""
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        return ()
    return tuple(
        NextStep(name, _refusal(actor, name, experiment, now=now))
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
    """Leave out a second approval nobody needs, and shares and questions that there are not.

    A second approval is needed where shipping is refused without it and not with it.
    """
    if name == "answer":
        return reopened_by(experiment) is not None
    if name == "widen":
        return experiment.opened_to < max(experiment.ramp)
    if name == "narrow":
        return experiment.opened_to > min(experiment.ramp)
    if name != "approve-shipping":
        return True
    seconded = copy(experiment)
    seconded.seconded_by = SOMEBODY
    return bool(_ship_refusal(experiment, actor)) and not _ship_refusal(seconded, actor)


def _ship_refusal(experiment: Experiment, actor: Actor) -> str:
    return _said(lambda: may_ship(experiment, decider=actor))


def smaller_shares(key: str) -> tuple[float, ...]:
    """Return the shares of the plan an experiment may go back to, the largest first."""
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        return ()
    return tuple(sorted((s for s in experiment.ramp if s < experiment.opened_to), reverse=True))


def _refusal(actor: Actor, name: str, experiment: Experiment, *, now: datetime) -> str:
    if not experiment.intact:
        return "The plan is not the one that was registered. Register a new experiment."
    own: dict[str, Callable[[], str]] = {
        "approve": lambda: _said(lambda: permit_approval(actor, experiment)),
        "approve-shipping": lambda: _said(lambda: permit_shipping(actor, experiment)),
        "start": lambda: _gates(experiment, now=now),
        "resume": lambda: _gates(experiment, now=now),
        "widen": lambda: _ramp(experiment, now=now),
    }
    return _said(lambda: permit(actor)) or (own[name]() if name in own else "")


def _gates(experiment: Experiment, *, now: datetime) -> str:
    if findings(experiment.key, now=now):
        return "A launch check refuses it; what to change is said above."
    return ""


def _ramp(experiment: Experiment, *, now: datetime) -> str:
    known = evidence(experiment.key, now=now)
    return "" if known.enough else known.says


def _said(check: Callable[[], None]) -> str:
    try:
        check()
    except ExperimentRefusedError as error:
        return str(error)
    return ""
