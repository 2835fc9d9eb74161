"""How do two measurements of one learner vary together? Covariance from sums (pure)."""

from experiments.stats.contrasts import Numbers
from experiments.stats.means import Sample


def covariance(first: Sample, second: Sample, *, products: Numbers) -> Numbers:
    """Return the unbiased covariance; products is the sum of first times second, n >= 2."""
    return (products - first.total * second.mean) / (first.n - 1)
