"""How is a step of an experiment taken? Locked, only from its states, told to the ledger.

What is shared by the steps in `lifecycle` and `ramp` (measurement).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from experiments import running
from experiments.data import ExperimentRefusedError
from experiments.guard import writing
from experiments.models import Experiment, Flag
from signals import api as signals
from signals.data import Actor


@contextmanager
def taking(key: str, *states: Experiment.State, step: str) -> Iterator[Experiment]:
    """Lock an experiment that may take a step, and open its tables until the step is done."""
    with transaction.atomic():
        experiment = Experiment.objects.select_for_update().filter(key=key).first() or get(key)
        if experiment.state not in states:
            allowed = " or ".join(states)
            raise ExperimentRefusedError(
                f"{key} is {experiment.state}; only one that is {allowed} can take the step: "
                f"{step}."
            )
        if not experiment.intact:
            raise ExperimentRefusedError(
                f"The plan of {key} is not the one that was registered (its digest differs). "
                "Register a new experiment."
            )
        with writing(key):
            yield experiment
        transaction.on_commit(running.forget_caches)


def move(experiment: Experiment, state: Experiment.State, **columns: object) -> None:
    """Bring an experiment into a state, with what is kept of that."""
    experiment.state = state
    for name, value in columns.items():
        setattr(experiment, name, value)
    experiment.save(update_fields=["state", *columns])


def because(reason: str) -> str:
    """Return the reason without its edges; raise where there is none."""
    if not reason.strip():
        raise ExperimentRefusedError("Give a reason; whoever reads the ledger will ask for it.")
    return reason.strip()


def get(key: str) -> Experiment:
    """Return an experiment; raise where there is none."""
    try:
        return Experiment.objects.get(key=key)
    except Experiment.DoesNotExist as error:
        raise ExperimentRefusedError(
            f"There is no experiment {key}. Look at the list of experiments for its key."
        ) from error


def switch(experiment: Experiment, *, share: float) -> None:
    """Let a share of units in by the experiment's flag; 0 switches it off."""
    # get and save, not update(): waffle drops its cached copy in save().
    # A flag somebody took away is made anew: nothing must keep an experiment from being stopped.
    flag, _ = Flag.objects.get_or_create(name=experiment.switch)
    flag.everyone = bool(share) if share in (0.0, 1.0) else None
    flag.percent = Decimal(str(round(share * 100, 1))) if flag.everyone is None else None
    flag.save(update_fields=["everyone", "percent", "modified"])


def record(actor: Actor, action: str, key: str, now: datetime, **detail: object) -> None:
    """Write the step into the ledger."""
    signals.append_ledger(actor=actor, action=action, subject=key, detail=detail, now=now)
