"""Which of the offered courses does somebody take, if any? (demo; pure)

People look at the first cards more often than at the later ones, compare only what they looked
at, are not perfectly consistent, click by accident now and then, and often take nothing at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ATTENTION = 0.45  # rank r is looked at with probability r ** -ATTENTION
SHARPNESS = 2.4  # how decisive differences of appeal are against taste of the moment
OUTSIDE = 0.95  # appeal of doing something else
SLIP = 0.012  # share of visits to a list with an accidental click


@dataclass(frozen=True, slots=True)
class Choice:
    """What was taken: a 0-based place in the list, or None; `slip` marks an accident."""

    place: int | None
    slip: bool = False


def looked_at(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the places (0-based) of a list of n that were looked at, in order."""
    ranks = np.arange(1, n + 1)
    return np.flatnonzero(rng.random(n) < ranks**-ATTENTION)


def choose(
    appeals: Sequence[float], rng: np.random.Generator, *, outside: float = OUTSIDE
) -> Choice:
    """Take one of the places looked at, or none.

    Appeals are 0..1, in the order shown. The comparison is of log appeals with Gumbel noise;
    the outside option stands among them, so that a list without appeal is left alone.
    """
    places = looked_at(len(appeals), rng)
    if not len(places):
        return Choice(None)
    if rng.random() < SLIP:
        return Choice(int(rng.choice(places)), slip=True)
    values = np.append(np.asarray(appeals, dtype=float)[places], outside)
    utilities = SHARPNESS * np.log(values + 1e-3) + rng.gumbel(size=len(values))
    best = int(np.argmax(utilities))
    return Choice(None) if best == len(places) else Choice(int(places[best]))
