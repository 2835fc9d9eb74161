"""Who acts on what is decided of an experiment? Told by the app above (measurement).

What was tried may be something only that app can give to everybody, as a model is. It is called in
the transaction of the decision: where it raises ExperimentRefusedError nothing is decided.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from signals.data import Actor

TAKEN_BACK = "taken back"  # beside the verdicts: a re-read spoke against what was shipped


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided: a verdict of `data.VERDICTS`, or TAKEN_BACK, about which arms."""

    key: str
    variants: tuple[str, ...]  # the control first
    verdict: str
    by: Actor
    now: datetime


Handler = Callable[[Decided], None]

_handlers: dict[str, Handler] = {}


def on_decided(app: str, handler: Handler) -> None:
    """Call this whenever something is decided; an app registers once, as it starts."""
    _handlers[app] = handler


def carry_out(decided: Decided) -> None:
    """Tell every app what was decided; raise what one of them raises."""
    for handler in _handlers.values():
        handler(decided)
