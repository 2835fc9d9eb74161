"""Which guardrails does a canary have? (L3) One line each; each one that breaks stops it."""

from collections.abc import Callable
from functools import partial

from personalize.data import GuardReading
from personalize.engine.guards.consent import consent
from personalize.engine.guards.context import Watched, compared
from personalize.engine.guards.latency import latency
from personalize.engine.guards.served import served

Guard = Callable[[Watched], GuardReading]

COMPARED = 5  # of them are held to a confidence sequence and divide its level

GUARDS: tuple[Guard, ...] = (
    served,
    consent,
    partial(latency, among=COMPARED),
    partial(
        compared,
        share="fallback",
        among=COMPARED,
        title="Fallbacks",
        fell=False,
        what="of lists fell back",
    ),
    partial(
        compared,
        share="empty",
        among=COMPARED,
        title="Empty lists",
        fell=False,
        what="of lists were empty",
    ),
    partial(
        compared,
        share="refused",
        among=COMPARED,
        title="“Not for me”",
        fell=False,
        what="of lists had something refused",
    ),
    partial(
        compared,
        share="clicked",
        among=COMPARED,
        title="Clicks",
        fell=True,
        what="of lists were clicked",
    ),
)


def hold_all(watched: Watched) -> tuple[GuardReading, ...]:
    """Return what each guardrail found, in the order of the registry."""
    return tuple(guard(watched) for guard in GUARDS)
