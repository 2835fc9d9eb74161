"""Which recording answers a question? (L3, pure) Pieces of transcripts and their recordings.

A question of a learner names few words, and rarely all in one breath: a piece is read alone, with
its neighbours, and as part of its recording, in single words and in pairs of them. What BM25 finds
first is put in order anew by `reranking`, whose weights are numbers of the repository.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize.algorithms.retrieval.bm25 import Floats, added, counts, idf, weighed
from personalize.algorithms.retrieval.reranking import CANDIDATES, reranked
from personalize.algorithms.retrieval.timeline import Timeline, timeline

Ints = NDArray[np.int64]

# How far a piece is read with its neighbours, and k1 and b of BM25 for each view.
NEAR, FAR = 1, 4
VIEWS: Mapping[str, tuple[float, float]] = {
    "piece": (1.2, 0.4),
    "near": (1.2, 0.5),
    "far": (1.2, 0.6),
    "whole": (5.0, 0.75),
    "piece_pairs": (1.2, 0.5),
    "whole_pairs": (2.5, 0.75),
}
# What is found first: the two views, and pairs for half as much.
FIRST: Mapping[str, float] = {"piece": 1, "whole": 1, "piece_pairs": 0.5, "whole_pairs": 0.5}
DENSE = 200  # times a word's share of a recording, before the logarithm
UNTRUSTED = 0.01  # below which a recording does not count
SPREAD = 2.0  # points of the first search by which a recording counts e times less


@dataclass(frozen=True, slots=True)
class Lectures:
    """Recordings, searchable. Pieces stand in the order of their recordings."""

    recordings: tuple[str, ...]
    row_of: Mapping[str, int]
    pairs: Ints  # pairs of words that stand side by side somewhere, ascending
    starts: Ints  # first piece of each recording
    views: Mapping[str, sparse.csr_matrix]  # BM25, (words or pairs, pieces or recordings)
    spoken: Mapping[str, sparse.csr_matrix]  # shares of idf, (words, pieces or recordings)
    alike: sparse.csr_matrix  # TF-IDF, (recordings, words), rows of length one
    idf: Floats  # of words over recordings
    lengths: Floats  # logarithm of the words of each recording
    timeline: Timeline | None

    def scores(self, question: Sequence[str], at: float | None = None) -> Floats:
        """Return the score of each recording for a question given as words.

        `at` is the moment the question names, in seconds. Only the order of scores means something.
        """
        return reranked(*self.weighed(question, at))

    def weighed(
        self, question: Sequence[str], at: float | None = None
    ) -> tuple[Floats, Ints, dict[str, Floats]]:
        """Return what `reranked` needs: scores first found, the candidates, their evidence."""
        rows = [row for word in question if (row := self.row_of.get(word)) is not None]
        single, double = Counter(rows), Counter(self._pairs(rows))
        found = {
            name: added(view, double if name.endswith("pairs") else single)
            for name, view in self.views.items()
        }
        best = {name: self._best(one) for name, one in found.items()}
        first = np.zeros(len(self.recordings), np.float32)
        for name, weight in FIRST.items():
            first += weight * best[name]
        candidates = np.argsort(-first, kind="stable")[:CANDIDATES]
        evidence = {name: one[candidates] for name, one in best.items()}
        evidence |= self._shares(question, rows, candidates)
        evidence["piece_three"] = self._best_three(found["piece"], candidates)
        evidence["support"] = self._support(first[candidates], candidates)
        evidence["length"] = self.lengths[candidates]
        if at is not None and self.timeline is not None:
            evidence |= self.timeline.evidence(at, found["near"], candidates)
        return first, candidates, evidence

    def _shares(
        self, question: Sequence[str], rows: Sequence[int], candidates: Ints
    ) -> dict[str, Floats]:
        """Return how much of what was asked, by idf, is spoken of; words nobody says count."""
        once = dict.fromkeys(rows, 1)
        unknown = len(set(question) - self.row_of.keys()) * np.log(2 * len(self.recordings) + 2)
        asked = max(float(self.idf[list(once)].sum() + unknown), 1e-6)
        return {
            name: self._best(added(view, once))[candidates] / np.float32(asked)
            for name, view in self.spoken.items()
        }

    def _best(self, scores: Floats) -> Floats:
        """Return the best piece's score of each recording; those of recordings as they are."""
        if len(scores) == len(self.recordings):
            return scores
        return np.maximum.reduceat(scores, self.starts)

    def _best_three(self, scores: Floats, candidates: Ints) -> Floats:
        """Return the mean of the three best pieces of each candidate."""
        ends = np.append(self.starts[1:], len(scores))
        held = [scores[self.starts[one] : ends[one]] for one in candidates]
        return np.array([np.sort(one)[-3:].sum() / 3 for one in held], np.float32)

    def _support(self, first: Floats, candidates: Ints) -> Floats:
        """Return how like each candidate is to the others, more to those that were found first."""
        trust = np.exp((first - first.max()) / SPREAD)
        trust[trust < UNTRUSTED] = 0
        trust /= trust.sum()
        rows = self.alike[candidates]
        own = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
        return np.asarray(rows @ (rows.T @ trust) - trust * own, np.float32)

    def _pairs(self, rows: Sequence[int]) -> list[int]:
        wanted = [first * len(self.row_of) + then for first, then in pairwise(rows)]
        places = np.searchsorted(self.pairs, np.array(wanted, np.int64))
        return [
            int(place)
            for place, pair in zip(places, wanted, strict=True)
            if place < len(self.pairs) and self.pairs[place] == pair
        ]


def of_pieces(
    recordings: Sequence[str],
    pieces: Sequence[Sequence[str]],
    begins: Sequence[float] | None = None,
) -> Lectures:
    """Return recordings from their pieces, each given as words, in order of recording.

    `begins` are the seconds at which pieces begin; without them no moment can be found.
    """
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
        "near": sparse.csr_matrix(single @ _neighbours(of, NEAR)),
        "far": sparse.csr_matrix(single @ _neighbours(of, FAR)),
        "whole": sparse.csr_matrix(single @ whole),
        "piece_pairs": double,
        "whole_pairs": sparse.csr_matrix(double @ whole),
    }
    lengths = np.bincount(of, [len(text) for text in numbered], minlength=len(names)).astype(
        np.int64
    )
    return Lectures(
        recordings=names,
        row_of=row_of,
        pairs=pairs,
        starts=np.searchsorted(of, np.arange(len(names))),
        views={name: weighed(counted[name], k1=k1, b=b) for name, (k1, b) in VIEWS.items()},
        spoken=_spoken(counted, lengths),
        alike=_alike(counted["whole"]),
        idf=idf(counted["whole"]),
        lengths=np.log(np.maximum(lengths, 1)).astype(np.float32),
        timeline=None if begins is None else timeline(of, begins),
    )


def _spoken(
    counted: Mapping[str, sparse.csr_matrix], lengths: Ints
) -> dict[str, sparse.csr_matrix]:
    """Return the idf of each word wherever it stands, and of recordings by its share of them."""
    told = idf(counted["whole"])

    def present(view: sparse.csr_matrix) -> sparse.csr_matrix:
        values = np.repeat(told, np.diff(view.indptr))
        return sparse.csr_matrix((values, view.indices, view.indptr), view.shape)

    dense = present(counted["whole"])
    share = counted["whole"].data / lengths[dense.indices]
    dense.data = (dense.data * np.log1p(DENSE * share)).astype(np.float32)
    covered = {
        "covered": present(counted["piece"]),
        "covered_near": present(counted["near"]),
        "covered_whole": present(counted["whole"]),
    }
    return covered | {"dense": dense}


def _alike(whole: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the TF-IDF of each recording as a row of length one."""
    found_in = np.diff(whole.indptr)
    told = np.log((1 + whole.shape[1]) / (1 + found_in)) + 1
    values = (1 + np.log(whole.data)) * np.repeat(told, found_in)
    weighted = sparse.csr_matrix((values, whole.indices, whole.indptr), whole.shape).T.tocsr()
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(norms, 1e-9)) @ weighted)


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
