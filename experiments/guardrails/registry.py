"""Which guardrails does every experiment have? One line each; no plan names them (measurement)."""

from experiments.data import Holding
from experiments.guardrails import calibration, consent, fairness, staleness
from experiments.guardrails.context import Context, Guardrail

# One arm with another.
COMPARING: tuple[Guardrail, ...] = (fairness.check, calibration.check, staleness.check)
GUARDRAILS: tuple[Guardrail, ...] = (consent.check, *COMPARING)


def hold_all(context: Context) -> tuple[Holding, ...]:
    """Return what each guardrail says, in the order of the registry."""
    spared = COMPARING if context.plan.interleaved else ()
    return tuple(guardrail(context) for guardrail in GUARDRAILS if guardrail not in spared)
