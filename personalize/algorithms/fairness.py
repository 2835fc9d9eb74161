"""Is a kind of learner served worse than others? Gaps in recall and in calibration (L3, pure).

A kind is one value of a cohort: a language, a region, who has just come. Each is held against all
others of the same cohort. An alarm needs the whole interval beyond the bound, with the level shared
by all gaps that are looked at together, so that many kinds do not make one alarm by chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

RECALL_BOUND = 0.8  # of what all others reach: four fifths (29 CFR 1607.4 D)
CALIBRATION_BOUND = 0.05  # between what was said to be likely and what happened
LEAST = 50  # learners, in a kind and beside it: fewer are not judged
ALPHA = 0.05  # of all gaps of one table together
UNKNOWN = frozenset({"", "unknown"})  # of whom nothing is known is no kind of learner

Labels = Sequence[str] | NDArray[np.str_]
Mask = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Gap:
    """How one kind of learner is served, with its interval; `low` and `high` are of `gap`."""

    measure: str  # "recall": own / others. "calibration": said - happened
    cohort: str
    value: str
    learners: int
    own: float
    others: float  # recall of all others; for calibration what happened
    gap: float
    low: float
    high: float
    alarm: bool


def recall_gaps(found: Floats, cohorts: Mapping[str, Labels]) -> tuple[Gap, ...]:
    """Return the recall of each kind as a share of that of all others.

    Args:
        found: (n,) what was found of what each learner took, 0..1.
        cohorts: for each cohort the value of each learner, (n,).
    """
    kinds = list(_kinds(cohorts, len(found)))
    z = _critical(len(kinds))
    gaps = (_recall(cohort, value, found, own, z) for cohort, value, own in kinds)
    return tuple(gap for gap in gaps if gap is not None)


def calibration_gaps(
    said: Floats, happened: Floats, cohorts: Mapping[str, Labels]
) -> tuple[Gap, ...]:
    """Return by how much more was said to be likely for each kind than happened.

    Args:
        said: (n,) probabilities.
        happened: (n,) 0 or 1.
        cohorts: for each cohort the value of each learner, (n,).
    """
    kinds = list(_kinds(cohorts, len(said)))
    z = _critical(len(kinds))
    return tuple(
        _calibration(cohort, value, said[own], happened[own], z) for cohort, value, own in kinds
    )


def _kinds(cohorts: Mapping[str, Labels], n: int) -> Iterator[tuple[str, str, Mask]]:
    """Yield every kind that is large enough, with which learners are of it."""
    for cohort, labels in cohorts.items():
        values = np.asarray(labels, dtype=np.str_)
        if len(values) != n:
            raise ValueError(f"{cohort} has {len(values)} labels for {n} learners.")
        known = ~np.isin(values, list(UNKNOWN))
        for value in np.unique(values[known]):
            own = values == value
            if min(own.sum(), (known & ~own).sum()) >= LEAST:
                yield cohort, str(value), own


def _critical(looks: int) -> float:
    """Return the two-sided critical value of one of so many gaps (Bonferroni)."""
    return float(norm.isf(ALPHA / 2 / max(looks, 1)))


def _recall(cohort: str, value: str, found: Floats, own: Mask, z: float) -> Gap | None:
    """Return the ratio with Fieller's interval; None where the others reach too little to divide.

    One hit and one miss are added to each side (Agresti and Caffo 2000): nothing found is no
    certainty.
    """
    mine, mine_error = _mean(found[own])
    rest, rest_error = _mean(found[~own])
    a = rest**2 - (z * rest_error) ** 2
    if a <= 0:
        return None
    b, c = mine * rest, mine**2 - (z * mine_error) ** 2
    root = np.sqrt(max(b**2 - a * c, 0.0))
    low, high = (b - root) / a, (b + root) / a
    return Gap(
        measure="recall",
        cohort=cohort,
        value=value,
        learners=int(own.sum()),
        own=float(found[own].mean()),
        others=float(found[~own].mean()),
        gap=float(mine / rest),
        low=float(max(low, 0.0)),
        high=float(high),
        alarm=bool(high < RECALL_BOUND),
    )


def _mean(values: Floats) -> tuple[float, float]:
    n = len(values) + 2
    mean = (float(values.sum()) + 1) / n
    spread = (float(np.square(values).sum()) + 1) / n - mean**2
    return mean, float(np.sqrt(spread / n))


def _calibration(cohort: str, value: str, said: Floats, happened: Floats, z: float) -> Gap:
    apart = said - happened
    gap, error = float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(apart)))
    low, high = gap - z * error, gap + z * error
    return Gap(
        measure="calibration",
        cohort=cohort,
        value=value,
        learners=len(apart),
        own=float(said.mean()),
        others=float(happened.mean()),
        gap=gap,
        low=low,
        high=high,
        alarm=low > CALIBRATION_BOUND or high < -CALIBRATION_BOUND,
    )
