"""Several comparisons at once: which of them still count? Adjusted p-values (pure).

Holm 1979 for what may decide (family-wise error), Benjamini and Hochberg 1995 for what is only
looked through (false discovery rate); the others for reading what other tools report.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def bonferroni(p_values: Sequence[float]) -> Values:
    """Return p-values times their number, at most 1."""
    p = np.asarray(p_values, dtype=np.float64)
    return np.minimum(p * len(p), 1.0)


def holm(p_values: Sequence[float]) -> Values:
    """Return p-values adjusted step-down; valid whatever their dependence."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    steps = p[order] * np.arange(len(p), 0, -1)
    return _put_back(np.maximum.accumulate(steps), order)


def hochberg(p_values: Sequence[float]) -> Values:
    """Return p-values adjusted step-up; valid for independent or positively dependent tests."""
    p = np.asarray(p_values, dtype=np.float64)
    return _step_up(p, np.arange(1, len(p) + 1, dtype=np.float64))


def benjamini_hochberg(p_values: Sequence[float]) -> Values:
    """Return p-values adjusted for the false discovery rate."""
    p = np.asarray(p_values, dtype=np.float64)
    return _step_up(p, len(p) / np.arange(len(p), 0, -1))


def benjamini_yekutieli(p_values: Sequence[float]) -> Values:
    """Return p-values adjusted for the false discovery rate under any dependence."""
    p = np.asarray(p_values, dtype=np.float64)
    harmonic = (1 / np.arange(1, len(p) + 1)).sum()
    return _step_up(p, harmonic * len(p) / np.arange(len(p), 0, -1))


def _step_up(p: Values, factors: Values) -> Values:
    """Multiply from the largest p down; a smaller p never ends above a larger one."""
    order = np.argsort(p)[::-1]
    return _put_back(np.minimum.accumulate(p[order] * factors), order)


def _put_back(steps: Values, order: NDArray[np.intp]) -> Values:
    adjusted = np.empty(len(steps))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
