"""Chance of an attack: the same requests again for the same seed."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Chance:
    """Draws from a seed; what is drawn from may be anything."""

    def __init__(self, *seed: int) -> None:
        """Begin at a seed."""
        self._rng = np.random.default_rng(seed)

    def random(self) -> float:
        """Return a number from 0 to 1."""
        return float(self._rng.random())

    def below(self, end: int) -> int:
        """Return a whole number from 0 on, below `end`."""
        return int(self._rng.integers(end))

    def one(self, things: Sequence[T]) -> T:
        """Return one of these."""
        return things[self.below(len(things))]

    def some(self, things: Sequence[T], many: int) -> list[T]:
        """Return so many of these, each once."""
        return [things[at] for at in self._rng.permutation(len(things))[:many].tolist()]

    def bytes(self, most: int) -> bytes:
        """Return bytes, one to `most` of them."""
        return self._rng.bytes(1 + self.below(most))
