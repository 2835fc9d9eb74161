"""In which order do the recordings stand that were found first? (L3, pure) Weights, added up.

The weights are those of a softmax over the hundred recordings BM25 finds first, as
`manage.py fit_answers` fits them on one half of the lectures (docs/answers.md). They are in units
of the evidence: the scales it was standardised by while fitting are divided out, and means change
no order.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.retrieval.bm25 import Floats

CANDIDATES = 100
BELOW = 1e3  # by which all others score less than the last candidate
WEIGHTS: Mapping[str, float] = {
    "piece": 0.05474,
    "piece_three": 0.0396,  # the mean of the best three pieces
    "near": -0.03245,
    "far": 0.06846,
    "whole": 0.05705,
    "piece_pairs": 0.0496,
    "whole_pairs": 0.03979,
    "covered": 2.103,  # the share of what was asked, by idf, that one piece speaks of
    "covered_near": 1.928,  # that a piece and its neighbours speak of
    "covered_whole": -0.7136,
    "dense": 0.8134,  # the same share, more for words that recur in the recording
    "support": 1.418,  # how like it is to the others that were found first
    "length": -0.4393,  # the logarithm of its words
    "at_moment": 0.1946,  # what is said at the moment the question names
    "inside": 7.046,  # whether it lasts until that moment
    "over": -0.2495,  # the logarithm of how much longer it lasts
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
