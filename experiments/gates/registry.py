"""Which checks must an experiment pass before it starts? One line each (measurement)."""

from experiments.data import Finding
from experiments.gates import (
    arms,
    hypothesis,
    looks,
    metrics,
    off_switch,
    power,
    progression,
    surfaces,
)
from experiments.gates.context import Context, Gate

GATES: tuple[Gate, ...] = (
    hypothesis.check,
    surfaces.check,
    arms.check,
    metrics.check,
    progression.check,
    looks.check,
    power.check,
    off_switch.check,
)


def check_all(context: Context) -> tuple[Finding, ...]:
    """Return every finding, in the order of the registry; empty means it may start."""
    return tuple(finding for gate in GATES if (finding := gate(context)) is not None)
