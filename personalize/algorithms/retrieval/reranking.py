"""In which order do the recordings stand that were found first? (L3, pure) Weights, added up.

The weights are those of a softmax over the hundred recordings BM25 finds first, fitted on the
questions of one half of the lectures that are no replies (docs/answers.md). They are in units of
the evidence: the scales it was standardised by while fitting are divided out, and means change no
order.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.retrieval.bm25 import Floats

CANDIDATES = 100
BELOW = 1e3  # by which all others score less than the last candidate
WEIGHTS: Mapping[str, float] = {
    "piece": 0.05048,
    "piece_three": 0.03135,  # the mean of the best three pieces
    "near": -0.01513,
    "far": 0.06394,
    "whole": 0.05648,
    "piece_pairs": 0.05006,
    "whole_pairs": 0.03479,
    "covered": 2.325,  # the share of what was asked, by idf, that one piece speaks of
    "covered_near": 1.331,  # that a piece and its neighbours speak of
    "covered_whole": -0.4283,
    "dense": 0.808,  # the same share, more for words that recur in the recording
    "support": 1.519,  # how like it is to the others that were found first
    "length": -0.4457,  # the logarithm of its words
    "at_moment": 0.1806,  # what is said at the moment the question names
    "inside": 5.812,  # whether it lasts until that moment
    "over": -0.2132,  # the logarithm of how much longer it lasts
}


def reranked(
    first: Floats, candidates: NDArray[np.int64], evidence: Mapping[str, Floats]
) -> Floats:
    """Return scores of all recordings: candidates by their evidence, the others below, as first.

    `evidence` holds some of WEIGHTS, each in order of `candidates`; what is missing is the same
    for all of them.
    """
    scored = np.zeros(len(candidates), np.float64)
    for name, values in evidence.items():
        scored += WEIGHTS[name] * values
    total = np.asarray(first - first.max() - BELOW, np.float32)
    total[candidates] = scored - scored.min()
    return total
