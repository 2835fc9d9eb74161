"""Who may take which step of an experiment? (measurement)

An admin, an analyst or an experimenter plans, starts and decides. Nobody approves what they wrote
themselves, and nobody approves twice: a plan that may cost learners something needs three people
to ship.
"""

from collections.abc import Collection

from experiments.data import ExperimentRefusedError, is_included
from signals.data import Actor, ActorKind

MAY_DECIDE = frozenset({"admin", "analyst", "experimenter"})


def may_decide(roles: frozenset[str]) -> bool:
    """Say whether these roles may plan, approve, start and decide."""
    return bool(roles & MAY_DECIDE)


def permit(actor: Actor) -> None:
    """Raise where somebody may take no step at all."""
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.kind is not ActorKind.STAFF or not may_decide(actor.roles):
        raise ExperimentRefusedError(
            "Experiments are planned, started and decided by experimenters, admins and analysts."
            " Ask one of them."
        )


def permit_second(
    actor: Actor,
    *,
    key: str,
    others: Collection[str],
    accounts: Collection[int | None] = (),
) -> None:
    """Raise where somebody may not stand in for what others did, named as in the ledger.

    accounts are those of the others, whom a new name does not make somebody else.

    The product approves nothing but the experiments it brings itself.
    """
    permit(actor)
    if actor.kind is ActorKind.SYSTEM and is_included(key) and {*others} <= {str(actor)}:
        return
    the_same = str(actor) in others or (
        actor.account_id is not None and actor.account_id in accounts
    )
    if actor.kind is not ActorKind.STAFF or the_same:
        raise ExperimentRefusedError(
            "The approver must be a second person, who had no part in it so far. Ask a colleague."
        )


def permit_person(actor: Actor) -> None:
    """Raise where it takes a person and none acts."""
    permit(actor)
    if actor.kind is not ActorKind.STAFF:
        raise ExperimentRefusedError("Only a person decides to ship. Sign in to decide it.")
