"""How much may one learner weigh? Values above a cap count as the cap (pure)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def cap(values: ArrayLike, *, share: float) -> float:
    """Return the smallest value that `share` (0..1) of the learners of both arms do not exceed.

    From both arms as one and never from each: a cap of its own would take an arm's effect away.
    Raise ValueError where there is no value.
    """
    known = np.asarray(values, dtype=np.float64)
    if known.size == 0:
        raise ValueError("A cap needs the values of at least one learner.")
    return float(np.quantile(known, share, method="inverted_cdf"))


def winsorised(values: ArrayLike, *, at: float) -> NDArray[np.float64]:
    """Return the values, none above `at`."""
    return np.minimum(np.asarray(values, dtype=np.float64), at)
