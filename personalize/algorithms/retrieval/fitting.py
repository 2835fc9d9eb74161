"""Which weights put the recordings found first in the best order? (L3, pure) A softmax, fitted.

The weights of `reranking` are those under which the recording a question is about is most likely,
over all questions whose recording is among the candidates; a little is added against large ones.
Nothing is drawn by chance: the same questions give the same weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from personalize.algorithms.retrieval.bm25 import Floats
from personalize.algorithms.retrieval.reranking import CANDIDATES, WEIGHTS

SPARING = 1e-4  # times the squares of the weights, in units of standard deviations
NOT_FOUND = CANDIDATES + 1  # the rank of a recording that is no candidate

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Examples:
    """Questions with the evidence of their candidates."""

    evidence: Floats  # (questions, CANDIDATES, WEIGHTS); zero where there is none
    gold: Ints  # the candidate a question is about, -1 where it is none

    def only(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Return some of the questions."""
        return Examples(self.evidence[chosen], self.gold[chosen])


def example(candidates: Ints, evidence: Mapping[str, Floats], gold: int) -> tuple[Floats, int]:
    """Return the evidence of one question as rows of candidates, and which of them is meant."""
    rows = np.zeros((CANDIDATES, len(WEIGHTS)), np.float32)
    for column, name in enumerate(WEIGHTS):
        if name in evidence:
            rows[: len(candidates), column] = evidence[name]
    meant = np.flatnonzero(candidates == gold)
    return rows, int(meant[0]) if len(meant) else -1


def gathered(examples: Sequence[tuple[Floats, int]]) -> Examples:
    """Return the questions as arrays."""
    return Examples(
        np.stack([rows for rows, _ in examples]), np.array([gold for _, gold in examples])
    )


def fitted(examples: Examples) -> Floats:
    """Return the weights, in order of WEIGHTS, by maximum likelihood."""
    found = examples.only(examples.gold >= 0)
    spread = found.evidence.reshape(-1, found.evidence.shape[2]).std(axis=0) + 1e-9
    evidence, questions = found.evidence / spread, np.arange(len(found.gold))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        told = evidence @ weights.astype(np.float32)
        chance = np.exp(told - told.max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        likely = chance[questions, found.gold]
        value = float(-np.log(likely + 1e-12).mean()) + SPARING * float(weights @ weights)
        chance[questions, found.gold] -= 1
        slope = np.einsum("qc,qcw->w", chance, evidence).astype(np.float64) / len(questions)
        return value, slope + 2 * SPARING * weights

    start = np.zeros(evidence.shape[2])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(best.x / spread, np.float32)


def ranks(examples: Examples, weights: Floats) -> Ints:
    """Return the rank of the recording meant, from 1; ties rank against it."""
    told = examples.evidence @ weights
    own = told[np.arange(len(told)), np.maximum(examples.gold, 0)]
    placed = (told >= own[:, None]).sum(axis=1)
    return np.where(examples.gold >= 0, placed, NOT_FOUND)


def out_of_fold(examples: Examples, folds: Ints) -> Ints:
    """Return the ranks that weights give which were fitted without a question's fold."""
    found = np.zeros(len(examples.gold), np.int64)
    for fold in np.unique(folds):
        held = folds == fold
        found[held] = ranks(examples.only(held), fitted(examples.only(~held)))
    return found
