"""Which recording answers a question? (L3, pure) Pieces of transcripts and their recordings.

A question of a learner names few words, and rarely all in one breath: a piece is read alone, with
its neighbours, and as part of its recording, in single words and in pairs of them. The weights are
those of a softmax over the hundred best recordings of a question, fitted on one half of the
questions (docs/answers.md); they are numbers of this file, so that a search needs no training.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize.algorithms.retrieval.bm25 import Floats, added, counts, idf, weighed

Ints = NDArray[np.int64]

# How far a piece is read with its neighbours, and k1 and b of BM25 for each view.
NEAR = 1
VIEWS: Mapping[str, tuple[float, float]] = {
    "piece": (1.2, 0.4),
    "near": (1.2, 0.5),
    "whole": (5.0, 0.75),
    "piece_pairs": (1.2, 0.5),
    "whole_pairs": (2.5, 0.75),
}
WEIGHTS: Mapping[str, float] = {
    "piece": 0.0336,
    "near": 0.0443,
    "whole": 0.0987,
    "piece_pairs": 0.0506,
    "whole_pairs": 0.0388,
    "covered": 2.6164,  # the share of what was asked, by idf, that one piece speaks of
    "length": -0.373,  # of the recording, as the logarithm of its words
}


@dataclass(frozen=True, slots=True)
class Lectures:
    """Recordings, searchable. Pieces stand in the order of their recordings."""

    recordings: tuple[str, ...]
    row_of: Mapping[str, int]
    pairs: Ints  # pairs of words that stand side by side somewhere, ascending
    starts: Ints  # first piece of each recording
    views: Mapping[str, sparse.csr_matrix]
    idf: Floats  # of words over recordings
    present: sparse.csr_matrix  # idf of each word in each piece, however often it stands there
    lengths: Floats

    def scores(self, question: Sequence[str]) -> Floats:
        """Return the score of each recording for a question given as words."""
        rows = [row for word in question if (row := self.row_of.get(word)) is not None]
        single, double = Counter(rows), Counter(self._pairs(rows))
        total = WEIGHTS["length"] * self.lengths
        for name, view in self.views.items():
            total += WEIGHTS[name] * self._best(
                added(view, double if name.endswith("pairs") else single)
            )
        asked = float(sum(self.idf[row] for row in single)) or 1.0
        once = dict.fromkeys(single, 1)
        return total + WEIGHTS["covered"] * self._best(added(self.present, once)) / asked

    def _best(self, scores: Floats) -> Floats:
        """Return the best piece's score of each recording; those of recordings as they are."""
        if len(scores) == len(self.recordings):
            return scores
        return np.maximum.reduceat(scores, self.starts)

    def _pairs(self, rows: Sequence[int]) -> list[int]:
        wanted = [first * len(self.row_of) + then for first, then in pairwise(rows)]
        places = np.searchsorted(self.pairs, np.array(wanted, np.int64))
        return [
            int(place)
            for place, pair in zip(places, wanted, strict=True)
            if place < len(self.pairs) and self.pairs[place] == pair
        ]


def of_pieces(recordings: Sequence[str], pieces: Sequence[Sequence[str]]) -> Lectures:
    """Return recordings from their pieces, each given as words, in order of recording."""
    names = tuple(dict.fromkeys(recordings))
    row_of: dict[str, int] = {}
    for piece in pieces:
        for word in piece:
            row_of.setdefault(word, len(row_of))
    size = len(row_of)
    numbered = [np.array([row_of[word] for word in piece], np.int64) for piece in pieces]
    place_of = {name: place for place, name in enumerate(names)}
    of = np.array([place_of[name] for name in recordings], np.int64)
    if (np.diff(of) < 0).any():
        raise ValueError("Pieces of one recording must stand together.")
    single = counts(numbered, size)
    side_by_side = [text[:-1] * size + text[1:] for text in numbered]
    pairs = np.unique(np.concatenate(side_by_side)) if side_by_side else np.empty(0, np.int64)
    double = counts([np.searchsorted(pairs, one) for one in side_by_side], len(pairs))
    whole = _grouped(of, len(names))
    counted = {
        "piece": single,
        "near": single @ _neighbours(of, NEAR),
        "whole": single @ whole,
        "piece_pairs": double,
        "whole_pairs": double @ whole,
    }
    views = {
        name: weighed(sparse.csr_matrix(counted[name]), k1=k1, b=b)
        for name, (k1, b) in VIEWS.items()
    }
    told = idf(sparse.csr_matrix(counted["whole"]))
    present = sparse.csr_matrix(
        (np.repeat(told, np.diff(single.indptr)), single.indices, single.indptr), single.shape
    )
    lengths = np.bincount(of, [len(text) for text in numbered], minlength=len(names))
    return Lectures(
        recordings=names,
        row_of=row_of,
        pairs=pairs,
        starts=np.searchsorted(of, np.arange(len(names))),
        views=views,
        idf=told,
        present=present,
        lengths=np.log(np.maximum(lengths, 1)).astype(np.float32),
    )


def _grouped(of: Ints, groups: int) -> sparse.csr_matrix:
    """Return the matrix that adds the pieces of each recording up."""
    ones = np.ones(len(of), np.float32)
    return sparse.csr_matrix((ones, (np.arange(len(of)), of)), shape=(len(of), groups))


def _neighbours(of: Ints, reach: int) -> sparse.csr_matrix:
    """Return the matrix that adds to each piece those up to `reach` away in its recording."""
    at = np.arange(len(of))
    rows, columns = [], []
    for step in range(-reach, reach + 1):
        other = at + step
        held = (other >= 0) & (other < len(of))
        held[held] &= of[other[held]] == of[at[held]]
        rows.append(other[held])
        columns.append(at[held])
    row, column = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row, column)), shape=(len(of), len(of)))
