"""L1 and L2: who holds something about a learner? Every app that does registers here when ready.

Erase, export and changed consent start at the bottom and concern everyone; signals calls the
registry and never the apps.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from signals.data import Allowed

# The step of an erasure in which a handler is called: "refused" while the external id can still be
# read, "rows" inside one transaction with every other app's rows, the others after that.
Step = Literal["refused", "rows", "spool", "caches", "models"]

EraseHandler = Callable[[int], int]  # learner_id -> rows removed
# learner_id -> anything JSON can hold, tables as lists or as iterators of rows
ExportHandler = Callable[[int], object]
ConsentHandler = Callable[[int, Allowed, datetime], None]
ResetHandler = Callable[[int], int]  # learner_id -> rows removed
LeftHandler = Callable[[int], int]  # learner_id -> how much is still there
SweepHandler = Callable[[datetime | None, datetime], int]  # received since, until -> what went

_erase: dict[str, tuple[Step, EraseHandler]] = {}
_export: dict[str, ExportHandler] = {}
_consent: dict[str, ConsentHandler] = {}
_reset: dict[str, ResetHandler] = {}
_left: dict[str, tuple[Step, LeftHandler]] = {}
_sweep: dict[str, SweepHandler] = {}


def on_erase(name: str, handler: EraseHandler, *, step: Step = "rows") -> None:
    """Register what removes an app's traces of a learner; called again it finds nothing to do."""
    _erase[name] = (step, handler)


def on_export(name: str, handler: ExportHandler) -> None:
    """Register what hands out an app's data about a learner, as JSON can hold it."""
    _export[name] = handler


def on_consent(name: str, handler: ConsentHandler) -> None:
    """Register what an app does when a learner's switches changed; inside the transaction."""
    _consent[name] = handler


def on_reset(name: str, handler: ResetHandler) -> None:
    """Register what forgets what an app learned of a learner who starts afresh."""
    _reset[name] = handler


def on_left(name: str, handler: LeftHandler, *, step: Step = "caches") -> None:
    """Register what counts an app's traces of a learner that no table with learner ids shows."""
    _left[name] = (step, handler)


def on_sweep(name: str, handler: SweepHandler) -> None:
    """Register what forgets the erased in what can only be found by opening it.

    It is called with the time since when such things came in, None after a restore, and with that
    of the newest erasure.
    """
    _sweep[name] = handler


def sweep_everywhere(*, since: datetime | None, until: datetime) -> int:
    """Call every such handler; return how much went."""
    return sum(handler(since, until) for _, handler in sorted(_sweep.items()))


def reset_everywhere(learner_id: int) -> dict[str, int]:
    """Call every reset handler; return the rows each removed."""
    return {name: handler(learner_id) for name, handler in sorted(_reset.items())}


def left_everywhere(learner_id: int, *, step: Step) -> int:
    """Return how much all apps still hold that a step should have removed."""
    return sum(handler(learner_id) for at, handler in _left.values() if at == step)


def erase_everywhere(learner_id: int, *, step: Step) -> dict[str, int]:
    """Call every erase handler of a step; return what each removed."""
    return {
        name: handler(learner_id) for name, (at, handler) in sorted(_erase.items()) if at == step
    }


def exports(learner_id: int) -> Iterator[tuple[str, object]]:
    """Call every export handler, each when it is asked for; yield what each holds."""
    for name, handler in sorted(_export.items()):
        yield name, handler(learner_id)


def consent_changed(learner_id: int, allowed: Allowed, *, now: datetime) -> None:
    """Tell every app that a learner's switches changed."""
    for _, handler in sorted(_consent.items()):
        handler(learner_id, allowed, now)


def registered() -> dict[str, frozenset[str]]:
    """Return the names registered for each duty."""
    return {
        "erase": frozenset(_erase),
        "export": frozenset(_export),
        "consent": frozenset(_consent),
        "reset": frozenset(_reset),
    }
