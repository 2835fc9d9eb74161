"""How far apart are two shares, and how sure is that? From successes and trials (pure)."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.stats.contrasts import Numbers, Unadjusted, absolute


@dataclass(frozen=True, slots=True)
class Proportion(Unadjusted):
    """One arm: how many learners, and how many of them did it."""

    n: Numbers
    successes: Numbers

    @property
    def mean(self) -> Numbers:
        """Return the share, 0..1."""
        return self.successes / self.n

    @property
    def variance(self) -> Numbers:
        """Return the binomial variance of one learner (maximum likelihood, not n - 1)."""
        return self.mean * (1 - self.mean)


@dataclass(frozen=True, slots=True)
class TwoProportions:
    """The pooled chi-square test, and the unpooled interval of the difference."""

    chi_square: Numbers  # 1 degree of freedom, no continuity correction
    p_value: Numbers
    difference: Numbers
    low: Numbers
    high: Numbers


def compare(control: Proportion, variant: Proportion, *, alpha: float) -> TwoProportions:
    """Test whether two shares are equal (as R's prop.test, correct = FALSE).

    Where all or none of both arms succeeded the p-value is 1.
    """
    found = absolute(control, variant)
    pooled = (control.successes + variant.successes) / found.n
    spread = np.asarray(pooled * (1 - pooled) * (1 / control.n + 1 / variant.n))
    chi_square = np.where(spread > 0, found.estimate**2 / np.where(spread > 0, spread, 1.0), 0.0)
    half = stats.norm.isf(alpha / 2) * found.error
    return TwoProportions(
        chi_square=chi_square,
        p_value=stats.chi2.sf(chi_square, 1),
        difference=found.estimate,
        low=found.estimate - half,
        high=found.estimate + half,
    )
