"""Is the variant at least not worse by more than the margin? One-sided tests (pure)."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.stats.contrasts import Contrast, Numbers


@dataclass(frozen=True, slots=True)
class OneSided:
    """A one-sided test: what is said holds where p is small, or the bound is past the null."""

    statistic: Numbers
    bound: Numbers  # of the effect, 1 - alpha sure
    p_value: Numbers


def above(contrast: Contrast, *, null: float = 0.0, alpha: float) -> OneSided:
    """Test whether the effect exceeds null; non-inferiority is null = -margin.

    Where the contrast does not vary nothing is known: p is 1, the bound is minus infinity.
    """
    known = np.asarray(contrast.error) > 0
    error = np.where(known, contrast.error, 1.0)
    statistic = (contrast.estimate - null) / error
    return OneSided(
        statistic=statistic,
        bound=contrast.estimate
        - np.where(known, stats.t.isf(alpha, contrast.degrees) * error, np.inf),
        p_value=np.where(known, stats.t.sf(statistic, contrast.degrees), 1.0),
    )


def below(contrast: Contrast, *, null: float = 0.0, alpha: float) -> OneSided:
    """Test whether the effect is under null; for metrics where less is better, null = margin."""
    mirrored = Contrast(-contrast.estimate, contrast.error, contrast.degrees, contrast.n)
    found = above(mirrored, null=-null, alpha=alpha)
    return OneSided(-found.statistic, -found.bound, found.p_value)


def not_inferior(
    contrast: Contrast, *, margin: float, alpha: float, more_is_better: bool = True
) -> OneSided:
    """Test whether a loss of margin (a positive number, in the contrast's units) is ruled out."""
    if more_is_better:
        return above(contrast, null=-margin, alpha=alpha)
    return below(contrast, null=margin, alpha=alpha)
