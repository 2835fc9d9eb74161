"""Which guardrails does every experiment have? One line each; no plan names them (measurement)."""

from experiments.data import Holding
from experiments.guardrails import consent, fairness, staleness, together
from experiments.guardrails.context import Context, Guardrail

GUARDRAILS: tuple[Guardrail, ...] = (consent.check, fairness.check, staleness.check)


def hold_all(context: Context) -> tuple[Holding, ...]:
    """Return what each guardrail says, in the order of the registry."""
    return tuple(
        together.spared(guardrail) or guardrail(context)
        if context.plan.interleaved
        else guardrail(context)
        for guardrail in GUARDRAILS
    )
