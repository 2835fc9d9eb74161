"""L1: what does the quarantine do when a learner's data is erased or handed out?

Refused events are forgotten in a step of their own: it needs the identity that goes with the rows,
and opens bodies for longer than storing may be held up. The spool is empty whenever PostgreSQL
answers, or nearly: what is left of it is stored through the same door as everything else, which
keeps nothing of somebody erased, and an erasure ends only after that.
"""

from collections.abc import Iterator

from signals.capture import quarantine
from signals.capture.spool import card, files
from signals.privacy import identity, registry

NAME = "capture.quarantine"


def register() -> None:
    """Register the handlers."""
    registry.on_erase(NAME, erase, step="refused")
    registry.on_left(NAME, left, step="refused")
    registry.on_left("capture.spool", waiting, step="spool")
    registry.on_export(NAME, export)
    registry.on_sweep(NAME, quarantine.sweep)


def erase(learner_id: int) -> int:
    """Delete the refused events of a learner, and refused bodies that name them; say how many."""
    name = identity.external_id(learner_id)
    return quarantine.forget(name) if name is not None else 0


def left(learner_id: int) -> int:
    """Return how many refused events of a learner are kept."""
    name = identity.external_id(learner_id)
    return quarantine.count(name) if name is not None else 0


def waiting(_learner_id: int) -> int:
    """Return how many files of events wait on this node's disk, whoever they are about."""
    return len(files.segments(card.folder()))


def export(learner_id: int) -> Iterator[dict[str, object]]:
    """Hand out what was refused of a learner, with the reason, and no body of many."""
    name = identity.external_id(learner_id)
    return quarantine.about(name) if name is not None else iter(())
