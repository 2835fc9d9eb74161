"""L1: what does the quarantine do when a learner's data is erased or handed out?

The name it registers under comes before `signals`: it needs the identity that goes there. The
spool is empty whenever PostgreSQL answers, or nearly: what is left of it there is stored through
the same door as everything else, which keeps nothing of somebody erased.
"""

from signals.capture import quarantine
from signals.privacy import identity, registry

NAME = "capture.quarantine"


def register() -> None:
    """Register the handlers."""
    registry.on_erase(NAME, erase)
    registry.on_export(NAME, export)


def erase(learner_id: int) -> int:
    """Delete the refused events of a learner, and refused bodies that name them; say how many."""
    name = identity.external_id(learner_id)
    return quarantine.forget(name) if name is not None else 0


def export(learner_id: int) -> list[dict[str, object]]:
    """Hand out what was refused of a learner, with the reason, and no body of many."""
    name = identity.external_id(learner_id)
    return quarantine.about(name) if name is not None else []
