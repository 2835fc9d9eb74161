"""How well does each text of many match a question? (L3, pure) BM25 on sparse arrays.

Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework", with the idf of Lucene, which
is never negative. Weights are worked out when the index is made; a question adds rows up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

K1 = 1.2
B = 0.75

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bm25:
    """Texts by their words: one row of `weights` a word, one column a text."""

    row_of: Mapping[str, int]
    idf: Floats
    weights: sparse.csr_matrix

    @property
    def texts(self) -> int:
        """Return how many texts there are."""
        return int(self.weights.shape[1])

    def scores(self, question: Sequence[str]) -> Floats:
        """Return the score of each text, shape (texts,); a word counts as often as it is asked."""
        known = [row for word in question if (row := self.row_of.get(word)) is not None]
        return added(self.weights, Counter(known))

    def idf_of(self, word: str) -> float:
        """Return how much a word tells; that of a word nobody wrote is the highest there can be."""
        row = self.row_of.get(word)
        return float(np.log(2 * self.texts + 2)) if row is None else float(self.idf[row])


def index(texts: Sequence[Sequence[str]], *, k1: float = K1, b: float = B) -> Bm25:
    """Return the index of texts given as words."""
    row_of: dict[str, int] = {}
    for text in texts:
        for word in text:
            row_of.setdefault(word, len(row_of))
    counted = counts([np.array([row_of[word] for word in text]) for text in texts], len(row_of))
    return Bm25(row_of=row_of, idf=idf(counted), weights=weighed(counted, k1=k1, b=b))


def counts(texts: Sequence[NDArray[np.int64]], rows: int) -> sparse.csr_matrix:
    """Return how often each word stands in each text, (words, texts), of texts as word numbers."""
    lengths = [len(text) for text in texts]
    words = np.concatenate(texts).astype(np.int64) if texts else np.empty(0, np.int64)
    stands_in = np.repeat(np.arange(len(texts)), lengths)
    ones = np.ones(len(words), np.float32)
    return sparse.csr_matrix((ones, (words, stands_in)), shape=(rows, len(texts)))


def idf(counted: sparse.csr_matrix) -> Floats:
    """Return how much each word tells, by how few texts it stands in."""
    found_in = np.diff(counted.indptr)
    told: Floats = np.log(1 + (counted.shape[1] - found_in + 0.5) / (found_in + 0.5))
    return told.astype(np.float32)


def weighed(counted: sparse.csr_matrix, *, k1: float = K1, b: float = B) -> sparse.csr_matrix:
    """Return what each word of each text adds to its score; a longer text needs more of it."""
    lengths = np.asarray(counted.sum(axis=0)).ravel()
    mean = float(lengths.mean()) if lengths.any() else 1.0
    long = 1 - b + b * lengths[counted.indices] / mean
    told = np.repeat(idf(counted), np.diff(counted.indptr))
    values = told * counted.data * (k1 + 1) / (counted.data + k1 * long)
    kept = (values.astype(np.float32), counted.indices, counted.indptr)
    return sparse.csr_matrix(kept, shape=counted.shape)


def added(weights: sparse.csr_matrix, asked: Mapping[int, float]) -> Floats:
    """Return the sum of the rows that were asked for, each as often as it was."""
    total = np.zeros(weights.shape[1], np.float32)
    for row, times in asked.items():
        held = slice(weights.indptr[row], weights.indptr[row + 1])
        total[weights.indices[held]] += times * weights.data[held]
    return total
