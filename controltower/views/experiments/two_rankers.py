"""People at the controls: what does a plan say where two rankers fill one list?"""

from dataclasses import replace

from experiments import api as experiments
from experiments.data import INTERLEAVED, Plan
from experiments.metrics import LESSONS_PREFERRED

ALIKE = (0.5, 0.5)  # of those who take part, for each ranker: both are in every list


def offered() -> list[tuple[str, str]]:
    """Return the rankers there are, with what each does in words, the usual one last."""
    return list(experiments.rankers().items())[::-1]


def in_one_list(written: Plan, ranker: str) -> Plan:
    """Return the plan with the ranker that is tried beside today's, and nothing that needs arms."""
    surface = written.surfaces[0] if written.surfaces else ""
    return replace(
        written,
        design=INTERLEAVED,
        variants=(experiments.ranker_of(surface), ranker),
        shares=tuple(sum(written.shares) * part for part in ALIKE),
        primary_metric=LESSONS_PREFERRED,
        guardrails=(),
        margins=(),
        ramp=(1.0,),
        unit="learner",
        cluster_size=1.0,
        icc=0.0,
        baseline_mean=0.5,
        baseline_sd=0.5,
    )
