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
    texts: int

    def scores(self, question: Sequence[str]) -> Floats:
        """Return the score of each text, shape (texts,); a word counts as often as it is asked."""
        asked = Counter(row for word in question if (row := self.row_of.get(word)) is not None)
        total = np.zeros(self.texts, np.float32)
        indptr, indices, data = self.weights.indptr, self.weights.indices, self.weights.data
        for row, times in asked.items():
            held = slice(indptr[row], indptr[row + 1])
            total[indices[held]] += times * data[held]
        return total

    def idf_of(self, word: str) -> float:
        """Return how much a word tells; that of a word nobody wrote is the highest there can be."""
        row = self.row_of.get(word)
        return float(np.log(1 + 2 * self.texts + 1)) if row is None else float(self.idf[row])


def index(
    texts: Sequence[Sequence[str]],
    *,
    k1: float = K1,
    b: float = B,
    idf: Mapping[str, float] | None = None,
) -> Bm25:
    """Return the index of texts given as words; idf may come from a larger collection."""
    row_of: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    for column, text in enumerate(texts):
        for word, times in Counter(text).items():
            rows.append(row_of.setdefault(word, len(row_of)))
            columns.append(column)
            counts.append(times)
    n, vocabulary = len(texts), len(row_of)
    row, stands_in = np.array(rows, np.int64), np.array(columns, np.int64)
    counted = np.array(counts, np.float32)
    lengths = np.array([len(text) for text in texts], np.float32)
    mean = float(lengths.mean()) if n and lengths.any() else 1.0
    found_in = np.bincount(row, minlength=vocabulary)
    weight = np.log(1 + (n - found_in + 0.5) / (found_in + 0.5)).astype(np.float32)
    if idf is not None:
        weight = np.array(
            [idf.get(word, own) for word, own in zip(row_of, weight, strict=True)], np.float32
        )
    norm = counted + k1 * (1 - b + b * lengths[stands_in] / mean)
    values = weight[row] * counted * (k1 + 1) / norm
    matrix = sparse.csr_matrix((values, (row, stands_in)), shape=(vocabulary, n), dtype=np.float32)
    return Bm25(row_of=row_of, idf=weight, weights=matrix, texts=n)
