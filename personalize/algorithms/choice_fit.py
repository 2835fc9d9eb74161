"""How are the vectors of `choice` learned? Sampled softmax and Adam on numpy arrays (L3, pure).

A step takes a batch of choices and compares each with the same random courses, corrected for how
likely each of them is in the sample (Bengio and Senecal, IEEE Trans. Neural Networks 2008).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, Interactions
from personalize.algorithms.holdout import some_learners

BATCH = 1024
RIVALS = 400
"""Courses drawn for a batch, beside those chosen in it."""
WINDOW = 20
"""Past courses a choice is explained by."""
ROWS = 1_000_000
"""Rows that are enough to learn from."""
LEAST_STEPS = 120
ENOUGH_STEPS, MOST_ROUNDS = 350, 8
"""Little data is gone through more often: so many rounds until there are enough steps."""
RATE = 0.008
WARM_UP = 100
"""Steps until the full rate."""
DECAY = 0.01
DROPOUT = 0.1
DAMPING = 0.5
MOMENTUM, SPREAD = 0.9, 0.999
SMALL = 0.05
"""Size of the vectors at the start."""


class Learned(NamedTuple):
    """Vectors of courses as past ones (one table a half-life) and as the next one, and bias."""

    sources: tuple[FloatArray, ...]
    targets: FloatArray
    bias: FloatArray


class Batch(NamedTuple):
    """Choices with the weights of their past courses: one (choices, n_courses) a half-life."""

    past: list[sp.csr_matrix]
    chosen: NDArray[np.int32]
    weights: FloatArray


def learn(
    data: Interactions,
    half_lives: Sequence[float],
    *,
    factors: int,
    epochs: int,
    rng: np.random.Generator,
) -> Learned:
    """Vectors under which the choices of the rows are likely."""
    data = some_learners(data, ROWS, rng)
    counts = np.bincount(data.courses, minlength=data.n_courses) + 1.0
    shares = counts / counts.sum()
    found = _start(shares, len(half_lives), factors, rng)
    adam = _Adam([*found.sources, found.targets, found.bias])
    drawn = min(RIVALS / data.n_courses, 1.0)
    size = min(BATCH, len(data.courses))
    likely = np.log(1.0 - (1.0 - drawn) * (1.0 - shares) ** size).astype(np.float32)
    for rate, batch in _batches(data, half_lives, epochs, rng):
        rivals = rng.random(data.n_courses) < drawn
        adam.step(_gradients(found, batch, rivals, likely), rate)
    return found


def _start(
    shares: NDArray[np.float64], tables: int, factors: int, rng: np.random.Generator
) -> Learned:
    def vectors() -> FloatArray:
        return rng.standard_normal((len(shares), factors), dtype=np.float32) * np.float32(SMALL)

    bias = np.log(shares) - np.log(shares).mean()
    return Learned(tuple(vectors() for _ in range(tables)), vectors(), bias.astype(np.float32))


def _batches(
    data: Interactions, half_lives: Sequence[float], epochs: int, rng: np.random.Generator
) -> Iterator[tuple[float, Batch]]:
    """Choices in random order with the rate to learn from them at, which rises, then falls."""
    first = data.starts()[data.learners]
    choices = np.flatnonzero(np.arange(len(first)) > first)
    if not len(choices):
        return
    damped = (np.maximum(data.lengths(), 1).astype(np.float32) ** -DAMPING)[data.learners]
    damped *= data.weights / damped[choices].mean()
    size = min(BATCH, len(choices))
    more = min(ENOUGH_STEPS * size // len(choices), MOST_ROUNDS)
    rounds = max(epochs, more, -(-LEAST_STEPS * size // len(choices)))
    steps = rounds * (len(choices) // size)
    for step in range(steps):
        place = step % (len(choices) // size) * size
        if not place:
            order = rng.permutation(choices)
        rate = RATE * min(1.0, (step + 1) / WARM_UP) * (1.0 - 0.95 * step / steps)
        yield rate, _batch(data, order[place : place + size], first, damped, half_lives, rng)


def _batch(
    data: Interactions,
    at: NDArray[np.intp],
    first: NDArray[np.int64],
    damped: FloatArray,
    half_lives: Sequence[float],
    rng: np.random.Generator,
) -> Batch:
    ages = np.arange(WINDOW)
    rows = at[:, None] - 1 - ages
    there = rows >= first[at][:, None]
    kept = there & (rng.random(rows.shape) >= DROPOUT)
    lengths = there.sum(axis=1)
    courses = data.courses[rows[kept]]
    starts = np.append(0, np.cumsum(kept.sum(axis=1)))
    past = []
    for half_life in half_lives:
        decayed = np.exp2(-ages / half_life).astype(np.float32)
        totals = np.cumsum(decayed)[lengths - 1]
        weights = np.broadcast_to(decayed, rows.shape) / np.sqrt(totals)[:, None]
        values = weights[kept] / np.float32(1.0 - DROPOUT)
        past.append(sp.csr_matrix((values, courses, starts), shape=(len(at), data.n_courses)))
    return Batch(past, data.courses[at], damped[at] / np.float32(len(at)))


def _gradients(
    found: Learned, batch: Batch, rivals: NDArray[np.bool_], likely: FloatArray
) -> list[FloatArray]:
    """Gradients of the loss with respect to each array of ``found``, in their order."""
    rivals[batch.chosen] = True
    columns = np.flatnonzero(rivals)
    chosen = (np.arange(len(batch.chosen)), np.searchsorted(columns, batch.chosen))
    tastes = sum(past @ vectors for past, vectors in zip(batch.past, found.sources, strict=True))
    targets = found.targets[columns]
    errors = tastes @ targets.T
    errors += found.bias[columns] - likely[columns]
    errors -= errors.max(axis=1, keepdims=True)
    np.exp(errors, out=errors)
    errors *= (batch.weights / errors.sum(axis=1))[:, None]
    errors[chosen] -= batch.weights
    of_tastes = errors @ targets
    of_targets, of_bias = np.zeros_like(found.targets), np.zeros_like(found.bias)
    of_targets[columns] = errors.T @ tastes
    of_bias[columns] = errors.sum(axis=0)
    return [*(past.T @ of_tastes for past in batch.past), of_targets, of_bias]


class _Adam:
    """Kingma and Ba, "Adam" (ICLR 2015), with decoupled decay of all but the last array."""

    def __init__(self, arrays: Sequence[FloatArray]) -> None:
        self.arrays = arrays
        self.means = [np.zeros_like(array) for array in arrays]
        self.squares = [np.zeros_like(array) for array in arrays]
        self.steps = 0

    def step(self, gradients: Sequence[FloatArray], rate: float) -> None:
        """Move all arrays in place."""
        self.steps += 1
        scale = rate * np.sqrt(1.0 - SPREAD**self.steps) / (1.0 - MOMENTUM**self.steps)
        for array, mean, square, gradient in zip(
            self.arrays, self.means, self.squares, gradients, strict=True
        ):
            mean *= np.float32(MOMENTUM)
            mean += np.float32(1.0 - MOMENTUM) * gradient
            square *= np.float32(SPREAD)
            square += np.float32(1.0 - SPREAD) * gradient * gradient
            if array is not self.arrays[-1]:
                array *= np.float32(1.0 - rate * DECAY)
            array -= np.float32(scale) * mean / (np.sqrt(square) + np.float32(1e-7))
