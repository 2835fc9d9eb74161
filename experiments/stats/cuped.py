"""How much noise does the time before the experiment explain away? CUPED from sums (pure).

Deng, Xu, Kohavi and Walker 2013: y - theta (x - mean of x), theta from all learners of both arms.
"""

from dataclasses import dataclass
from math import sqrt

from experiments.stats.contrasts import Contrast, Numbers, relative
from experiments.stats.means import Sample
from experiments.stats.moments import covariance


@dataclass(frozen=True, slots=True)
class Paired:
    """One arm: the metric during and before the experiment, and the sum of their products."""

    post: Sample
    pre: Sample
    products: Numbers

    @property
    def covariance(self) -> Numbers:
        """Return the covariance of before and during."""
        return covariance(self.post, self.pre, products=self.products)

    def __add__(self, other: "Paired") -> "Paired":
        """Return both arms as one."""
        return Paired(self.post + other.post, self.pre + other.pre, self.products + other.products)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One arm after adjustment."""

    n: Numbers
    mean: Numbers
    level: Numbers  # as observed
    variance: Numbers
    level_variance: Numbers
    shared_variance: Numbers  # covariance of mean and level


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Both arms adjusted by one theta."""

    theta: Numbers
    control: Adjusted
    variant: Adjusted
    variance_removed: Numbers  # share of the variance over all learners, 0..1


def adjust(control: Paired, variant: Paired) -> Adjustment:
    """Return both arms with what the time before predicts taken off.

    The time before must vary; where it does not there is nothing to adjust by.
    """
    both = control + variant
    theta = both.covariance / both.pre.variance
    return Adjustment(
        theta=theta,
        control=_adjusted(control, theta, both.pre.mean),
        variant=_adjusted(variant, theta, both.pre.mean),
        variance_removed=theta * both.covariance / both.post.variance,
    )


def relative_effect(adjustment: Adjustment) -> Contrast:
    """Return the adjusted difference as a share of the control's observed mean.

    The variance is taken at the observed share, as gbstats does for means: the adjustment moves
    the estimate by chance alone, not its noise.
    """
    control, variant = adjustment.control, adjustment.variant
    return relative(control, variant, at=variant.level / control.level - 1)


def _adjusted(arm: Paired, theta: Numbers, centre: Numbers) -> Adjusted:
    return Adjusted(
        n=arm.post.n,
        mean=arm.post.mean - theta * (arm.pre.mean - centre),
        level=arm.post.mean,
        variance=arm.post.variance + theta**2 * arm.pre.variance - 2 * theta * arm.covariance,
        level_variance=arm.post.variance,
        shared_variance=arm.post.variance - theta * arm.covariance,
    )


def ancova(control: Paired, variant: Paired) -> tuple[float, float]:
    """Return estimate and standard error of the arm in y ~ arm + x (ordinary least squares).

    A check on CUPED: both agree but for the slope, here the one within the arms. Needs 4 learners.
    """
    arms = (control, variant)
    xx = sum(float(arm.pre.variance * (arm.pre.n - 1)) for arm in arms)
    xy = sum(float(arm.covariance * (arm.pre.n - 1)) for arm in arms)
    yy = sum(float(arm.post.variance * (arm.post.n - 1)) for arm in arms)
    slope = xy / xx
    apart = float(variant.pre.mean - control.pre.mean)
    estimate = float(variant.post.mean - control.post.mean) - slope * apart
    n = float(control.post.n + variant.post.n)
    noise = (yy - slope * xy) / (n - 3)
    error = sqrt(noise * (float(1 / control.post.n + 1 / variant.post.n) + apart**2 / xx))
    return estimate, error
