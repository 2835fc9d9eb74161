"""Which guardrails have nothing to compare where two rankers fill one list? (measurement)

There is one group of learners, and each of them is given both. Consent is held as ever.
"""

from experiments.data import Holding
from experiments.guardrails import fairness, staleness
from experiments.guardrails.context import Guardrail

_SPARED: dict[Guardrail, Holding] = {
    fairness.check: Holding(
        fairness.KEY,
        fairness.TITLE,
        ok=True,
        says="Not compared: every list holds both rankers, for each kind of learner alike.",
    ),
    staleness.check: Holding(
        staleness.KEY,
        "Both rankers decide by knowledge of the same age",
        ok=True,
        says="Not compared: both rankers answer the same request, at the same moment.",
    ),
}


def spared(guardrail: Guardrail) -> Holding | None:
    """Return what is said in place of a guardrail that compares arms; None where it is held."""
    return _SPARED.get(guardrail)
