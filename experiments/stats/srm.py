"""Did the arms get the learners they should have? Sample ratio mismatch by chi-square (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

ALARM = 0.001  # p below this: the split is broken, and no effect may be read


@dataclass(frozen=True, slots=True)
class Split:
    """How far the observed split is from the planned one."""

    chi_square: float
    degrees: int
    p_value: float

    @property
    def broken(self) -> bool:
        """Say whether chance hardly explains the split."""
        return self.p_value < ALARM


def check_split(observed: Sequence[int], shares: Sequence[float]) -> Split:
    """Compare counts with shares of the plan (any positive numbers, they are made to sum to 1).

    With nobody observed there is nothing to mistrust: p is 1.
    """
    counts = np.asarray(observed, dtype=np.float64)
    weights = np.asarray(shares, dtype=np.float64)
    degrees = len(counts) - 1
    if counts.sum() == 0:
        return Split(0.0, degrees, 1.0)
    expected = counts.sum() * weights / weights.sum()
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    return Split(chi_square, degrees, float(stats.chi2.sf(chi_square, degrees)))
