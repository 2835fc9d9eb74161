"""Do probabilities come true, and do they say more than the average? (L3, pure)"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.heads.courses import Floats

BINS = 10  # of equally many predictions each


@dataclass(frozen=True, slots=True)
class Judged:
    """How good some probabilities were.

    calibration_error is the mean distance between what was said and what came, over bins of
    equally many predictions; skill is the share of the Brier score of "always the base rate" (of
    these very rows) that is saved: 0 says nothing, 1 everything.
    """

    n: int
    base_rate: float
    said: float  # on average
    calibration_error: float
    skill: float

    @property
    def holds(self) -> bool:
        """Say whether they say more than the base rate: what does not come true loses skill."""
        return self.n > 0 and self.skill > 0


def judge(said: Floats, outcomes: Floats) -> Judged:
    """Compare probabilities with what came, 0..1; nothing is judged by no rows."""
    if not len(said):
        return Judged(0, 0.0, 0.0, 0.0, 0.0)
    base_rate = float(outcomes.mean())
    uncertain = base_rate * (1.0 - base_rate)
    # An outcome between 0 and 1 is a chance: what is expected of the score once it is decided.
    undecided = outcomes * (1.0 - outcomes)
    brier = float(((said - outcomes) ** 2 + undecided).mean())
    return Judged(
        n=len(said),
        base_rate=base_rate,
        said=float(said.mean()),
        calibration_error=_calibration_error(said, outcomes),
        skill=1.0 - brier / uncertain if uncertain > 0 else 0.0,
    )


def judge_cohorts(
    said: Floats, outcomes: Floats, cohorts: Mapping[str, NDArray[np.bool_]]
) -> dict[str, Judged]:
    """Judge the rows of each named cohort by themselves."""
    return {name: judge(said[rows], outcomes[rows]) for name, rows in cohorts.items()}


def _calibration_error(said: Floats, came: Floats) -> float:
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    distances = [len(part) * abs(said[part].mean() - came[part].mean()) for part in parts]
    return float(np.sum(distances) / len(said))
