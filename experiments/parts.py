"""Who had a hand in an experiment, whatever they are called today? By account (measurement).

The ledger and the rows of an experiment hold names, and a name may change. Whether two people are
two is asked of their accounts as well; of steps older than these rows only the names are known.
"""

from datetime import datetime

from experiments import history
from experiments.models import Experiment, Part
from experiments.people import permit_person, permit_second
from signals.data import Actor

WROTE, FROZE, APPROVED, SECONDED = "wrote", "froze", "approved", "seconded"


def keep_part(experiment: Experiment, actor: Actor, step: str, *, now: datetime) -> None:
    """Keep that an account took a step; the product itself has none."""
    if actor.account_id is not None:
        Part.objects.get_or_create(
            experiment=experiment, step=step, account_id=actor.account_id, defaults={"at": now}
        )


def permit_approval(actor: Actor, experiment: Experiment) -> None:
    """Raise where somebody may not approve a plan: they wrote or froze it, or may approve none."""
    permit_second(
        actor,
        key=experiment.key,
        others=history.writers(experiment) | {experiment.registered_by},
        accounts=_accounts(experiment, WROTE, FROZE),
    )


def permit_shipping(actor: Actor, experiment: Experiment) -> None:
    """Raise where somebody may not stand in for shipping: they had a part in it before."""
    took_part = {experiment.registered_by, experiment.approved_by}
    permit_second(
        actor,
        key=experiment.key,
        others=history.writers(experiment) | took_part,
        accounts=_accounts(experiment, WROTE, FROZE, APPROVED),
    )
    permit_person(actor)


def is_seconded(experiment: Experiment, *, decider: Actor) -> bool:
    """Say whether somebody stands in for shipping who is neither the approver nor who decides."""
    by = experiment.seconded_by
    if not by or by in {str(decider), experiment.author, experiment.approved_by}:
        return False
    others = _accounts(experiment, WROTE, FROZE, APPROVED) | {decider.account_id}
    return not _accounts(experiment, SECONDED) & others


def _accounts(experiment: Experiment, *steps: str) -> set[int | None]:
    return set(experiment.parts.filter(step__in=steps).values_list("account_id", flat=True))
