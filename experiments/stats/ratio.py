"""What does a metric whose base varies by learner show? Ratios by the delta method (pure).

Clicks per list shown, modules per session: learners are randomized, lists are not, so lists of a
learner are no independent trials (Deng, Knoblich and Lu 2018).
"""

from dataclasses import dataclass

from experiments.stats.contrasts import Numbers, Unadjusted
from experiments.stats.means import Sample
from experiments.stats.moments import covariance


@dataclass(frozen=True, slots=True)
class Ratio(Unadjusted):
    """One arm: numerator and denominator of each learner, and the sum of their products."""

    numerator: Sample
    denominator: Sample  # its mean must not be 0
    products: Numbers

    @property
    def n(self) -> Numbers:
        """Return how many learners."""
        return self.numerator.n

    @property
    def mean(self) -> Numbers:
        """Return the ratio of sums."""
        return self.numerator.total / self.denominator.total

    @property
    def variance(self) -> Numbers:
        """Return the variance of one learner's linearised contribution."""
        shared = covariance(self.numerator, self.denominator, products=self.products)
        spread = self.numerator.variance - 2 * self.mean * shared
        return (spread + self.mean**2 * self.denominator.variance) / self.denominator.mean**2
