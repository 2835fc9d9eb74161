"""What must a look exceed, so that looking several times costs nothing? (pure)

Group-sequential bounds by alpha spending (Lan and DeMets 1983) with their O'Brien-Fleming-like
function, two-sided and symmetric. The statistic at information fraction t is a Brownian motion
S(t) = Z(t) sqrt(t); its density among those that have not crossed yet is carried from look to
look by quadrature (Armitage, McPherson and Rowe 1969).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import ndtr

NODES = 256  # Gauss-Legendre points of a look; enough for looks 1% of the information apart
_FARTHEST_Z = 37.0  # beyond it the normal tail is no float any more
_TINIEST = 1e-290


@dataclass(frozen=True, slots=True)
class _Density:
    """The part of the paths that goes on: values at points, with quadrature weights."""

    at: float  # information fraction
    points: NDArray[np.float64]
    masses: NDArray[np.float64]  # density times quadrature weight


_START = _Density(at=0.0, points=np.zeros(1), masses=np.ones(1))


def spent(fraction: float, *, alpha: float) -> float:
    """Return the two-sided alpha spent up to an information fraction in (0, 1]."""
    return float(4 * stats.norm.sf(stats.norm.isf(alpha / 4) / sqrt(fraction)))


def _crossing(before: _Density, *, at: float, bound: float, drift: float) -> float:
    """Return the probability to be beyond +-bound (in Z) at `at`, not having crossed before."""
    step = at - before.at
    edge = bound * sqrt(at)
    centre = before.points + drift * step
    outside = ndtr((centre - edge) / sqrt(step)) + ndtr((-edge - centre) / sqrt(step))
    return float(before.masses @ outside)


def _carry(before: _Density, *, at: float, bound: float, drift: float) -> _Density:
    """Return the density inside the bound at `at`."""
    step = at - before.at
    edge = bound * sqrt(at)
    nodes, weights = _gauss()
    # Beyond 9 standard deviations there is no mass, and points there would be lost.
    edge = min(edge, 9 * sqrt(at) + abs(drift) * at)
    points = nodes * edge
    apart = points[:, None] - (before.points + drift * step)
    kernel = np.exp(apart**2 / (-2 * step)) / sqrt(2 * pi * step)
    return _Density(at=at, points=points, masses=(kernel @ before.masses) * weights * edge)


@lru_cache(maxsize=1)
def _gauss() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def _checked(fractions: Sequence[float]) -> None:
    if not fractions or fractions[0] <= 0 or fractions[-1] > 1 + 1e-12:
        raise ValueError("information fractions lie in (0, 1], and there is at least one")
    if any(later <= earlier for earlier, later in pairwise(fractions)):
        raise ValueError("information fractions ascend")


@lru_cache(maxsize=256)
def critical_values(fractions: tuple[float, ...], *, alpha: float) -> tuple[float, ...]:
    """Return the |z| each look must exceed; fractions ascend in (0, 1].

    Computed once a plan and kept. Raise ValueError where the fractions do not ascend.
    """
    _checked(fractions)
    bounds: list[float] = []
    density, used = _START, 0.0
    for fraction in fractions:
        cumulative = spent(fraction, alpha=alpha)
        bound = _bound(density, at=fraction, alpha=max(cumulative - used, _TINIEST))
        density = _carry(density, at=fraction, bound=bound, drift=0.0)
        used = cumulative
        bounds.append(bound)
    return tuple(bounds)


def _bound(before: _Density, *, at: float, alpha: float) -> float:
    def excess(bound: float) -> float:
        return log(max(_crossing(before, at=at, bound=bound, drift=0.0), 1e-300)) - log(alpha)

    return float(brentq(excess, 0.0, _FARTHEST_Z, xtol=1e-10))


def crossing_probability(
    bounds: Sequence[float], fractions: Sequence[float], *, drift: float
) -> float:
    """Return the probability that some look crosses; drift is the expected z at full information.

    With drift 0 this is the false alarm rate, otherwise the power.
    """
    _checked(fractions)
    density, total = _START, 0.0
    for bound, fraction in zip(bounds, fractions, strict=True):
        total += _crossing(density, at=fraction, bound=bound, drift=drift)
        density = _carry(density, at=fraction, bound=bound, drift=drift)
    return total


def inflation(fractions: tuple[float, ...], *, alpha: float, power: float) -> float:
    """Return by how much the looks raise the sample size of a test that looks once."""
    bounds = critical_values(fractions, alpha=alpha)
    once = float(stats.norm.isf(alpha / 2) + stats.norm.ppf(power))
    drift = brentq(
        lambda shift: crossing_probability(bounds, fractions, drift=shift) - power,
        once * 0.9,
        once * 1.6,
        xtol=1e-9,
    )
    return float((drift / once) ** 2)


def confidence(bound: float) -> float:
    """Return the two-sided confidence of an interval that reaches `bound` standard errors."""
    return float(1 - 2 * stats.norm.sf(bound))
