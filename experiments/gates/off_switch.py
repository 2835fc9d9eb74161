"""Can it be switched off at once, by somebody who finds the switch? (measurement)"""

from experiments.data import Finding
from experiments.gates.context import Context


def check(context: Context) -> Finding | None:
    """Refuse an experiment whose flag does not exist."""
    if context.switch_exists:
        return None
    return Finding(
        gate="off_switch",
        title="No off-switch",
        detail=f"Create the flag {context.switch} again: without it nobody can switch this off.",
        evidence={"flag": context.switch},
    )
