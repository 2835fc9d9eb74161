"""Classes were randomized, not learners: what follows for the result and the plan? (pure)

A class gives one independent observation, however many learners it has. Either compare class
means, or take the mean over learners as a ratio of class totals and class sizes, whose variance is
cluster-robust (`ratio.Ratio`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from experiments.stats.contrasts import Numbers
from experiments.stats.means import Sample
from experiments.stats.ratio import Ratio

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """One arm: learners, sum and sum of squares of each class (parallel arrays)."""

    sizes: Values
    totals: Values
    squares: Values

    @property
    def means(self) -> Sample:
        """Return the arm with one observation a class: its mean (each class weighs the same)."""
        means = self.totals / self.sizes
        return Sample(len(means), float(means.sum()), float(means @ means))

    @property
    def learners(self) -> Ratio:
        """Return the mean over learners with a cluster-robust variance (each learner weighs 1)."""
        return Ratio(
            numerator=_sums(self.totals),
            denominator=_sums(self.sizes),
            products=float(self.totals @ self.sizes),
        )


def _sums(values: Values) -> Sample:
    return Sample(len(values), float(values.sum()), float(values @ values))


def grouped(values: ArrayLike, clusters: ArrayLike) -> Clusters:
    """Return the sums of each class from one value and one class id a learner."""
    y = np.asarray(values, dtype=np.float64)
    _, place = np.unique(np.asarray(clusters), return_inverse=True)
    return Clusters(
        sizes=np.bincount(place).astype(np.float64),
        totals=np.bincount(place, weights=y).astype(np.float64),
        squares=np.bincount(place, weights=y * y).astype(np.float64),
    )


def icc(arms: Sequence[Clusters]) -> float:
    """Return the intraclass correlation by analysis of variance, the arms' means taken out.

    Below 0 where classes differ less than chance would have it. Needs two classes with two
    learners in some arm.
    """
    between = within = weighted = 0.0
    learners = classes = 0.0
    for arm in arms:
        n = float(arm.sizes.sum())
        means = arm.totals / arm.sizes
        between += float(arm.sizes @ (means - arm.totals.sum() / n) ** 2)
        within += float((arm.squares - arm.totals * means).sum())
        weighted += float((arm.sizes**2).sum() / n)
        learners += n
        classes += len(arm.sizes)
    free = classes - len(arms)
    typical = (learners - weighted) / free
    mean_between = between / free
    mean_within = within / (learners - classes)
    return (mean_between - mean_within) / (mean_between + (typical - 1) * mean_within)


def design_effect(*, size: float, correlation: float) -> float:
    """Return by how much classes of this size raise the variance (Kish 1965)."""
    return 1 + (size - 1) * correlation


def power(
    *,
    classes_per_arm: Numbers,
    size: float,
    effect: float,
    sd: float,
    correlation: float,
    alpha: float,
) -> float:
    """Return the power of comparing class means; t with 2 (classes - 1) degrees of freedom."""
    per_arm = float(classes_per_arm)
    spread = sd * np.sqrt(design_effect(size=size, correlation=correlation) / size)
    degrees = 2 * (per_arm - 1)
    shift = abs(effect) / (spread * np.sqrt(2 / per_arm))
    return float(stats.nct.sf(stats.t.isf(alpha / 2, degrees), degrees, shift))
