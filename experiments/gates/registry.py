"""Which checks must an experiment pass before it starts? One line each (measurement)."""

from experiments.data import Finding
from experiments.gates import (
    arms,
    challenger,
    draw,
    duration,
    groups,
    hypothesis,
    interleaved,
    looks,
    margins,
    metrics,
    off_switch,
    power,
    progression,
    ramp,
    reach,
    sentences,
    surfaces,
    targeting,
)
from experiments.gates.context import Context, Gate

GATES: tuple[Gate, ...] = (
    hypothesis.check,
    sentences.check,
    surfaces.check,
    interleaved.check,
    arms.check,
    challenger.check,
    draw.check,
    groups.check,
    targeting.check,
    metrics.check,
    progression.check,
    margins.check,
    looks.check,
    power.check,
    ramp.check,
    duration.check,
    off_switch.check,
)
# What learners did is read for a plan alone that makes sense.
MEASURING: tuple[Gate, ...] = (reach.check,)


def check_all(context: Context) -> tuple[Finding, ...]:
    """Return every finding, in the order of the registry; empty means it may start."""
    return _found(GATES, context) or _found(MEASURING, context)


def _found(gates: tuple[Gate, ...], context: Context) -> tuple[Finding, ...]:
    return tuple(finding for gate in gates if (finding := gate(context)) is not None)
