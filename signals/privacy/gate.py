"""L1 and L2: who waits for whom, when rows are stored while their learner is erased?

Who stores a learner's rows holds the gate shared, an erasure alone: it waits for what is just
being stored, and what comes after it finds no learner any more.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from signals.data import Allowed
from signals.models.statements import run
from signals.privacy import consent
from signals.privacy.identity import ErasedLearnerError

_GATE = 0x6572_6173_65
STORING = f"SELECT pg_advisory_xact_lock_shared({_GATE})"
_ERASING = f"SELECT pg_advisory_xact_lock({_GATE})"


def storing(learner_ids: Collection[int]) -> dict[int, Allowed]:
    """Return what these learners allow, and hold erasures off until the transaction ends.

    Who is erased is missing: a row about them may not be stored any more.
    """
    run(STORING)
    return consent.allowed_each(learner_ids)


def require_here(learner_id: int) -> None:
    """Hold erasures off until the transaction ends; ErasedLearnerError for who is gone already."""
    if learner_id not in storing([learner_id]):
        raise ErasedLearnerError("There is no such learner, or their data was erased just now.")


def hold_off() -> None:
    """Hold erasures off until the transaction ends."""
    run(STORING)


def erasing() -> None:
    """Wait for what is just being stored, and hold everything else until the transaction ends."""
    run(_ERASING)


@contextmanager
def only_eraser(learner_id: int) -> Iterator[None]:
    """Let one process at a time erase a learner; whoever is killed lets the next one in."""
    key = learner_id ^ _GATE
    run("SELECT pg_advisory_lock(%b)", [key])
    try:
        yield
    finally:
        run("SELECT pg_advisory_unlock(%b)", [key])
