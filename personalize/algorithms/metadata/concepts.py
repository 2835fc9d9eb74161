"""How do two concepts of a text stand to each other? (L3, pure) Figures of one pair at a time.

A concept that others build on is met in more sections, earlier, and in the sections that are about
those others, seldom the other way round (the reference distance of Liang et al., EMNLP 2015, is
one of these figures). No figure knows which pairs were asked about, so a list of pairs tells
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from personalize.algorithms.metadata.wording import SMALL, bare, said

Floats = NDArray[np.float64]

IN_TITLE = 3.0  # times a section counts as about a concept that its title names
NOWHERE = 0.5  # where a concept stands that the text never names
DAMPING, ROUNDS = 0.85, 50  # of the walk along mentions

# How each figure speaks for a need, where that is plain: the more (1), the less (-1), or open (0).
# Single: sections, times, first met, mean place, home, spread, breadth, walk, in titles.
_OF_SINGLE = (1, 1, -1, 0, 0, 0, 1, 1, 0)
_OF_MUTUAL = (1, 1, 0, 0, 0, 0)  # mentioned, share of sections, together, alike, likeness, after
PLAIN = (*_OF_SINGLE, 0, 0, *_OF_MUTUAL, *(0,) * 6, *_OF_MUTUAL, *(0,) * 4)


@dataclass(frozen=True, slots=True)
class Concepts:
    """The concepts of one text: figures of each, and of each with each, as ranks in that text.

    Ranks are comparable between a short text and a long one, where counts are not.
    """

    names: tuple[str, ...]
    single: Floats  # (concepts, figures)
    mutual: Floats  # (figures, concepts, concepts): of the row about the column
    words: tuple[frozenset[str], ...]
    heads: tuple[str, ...]  # the last word of each name

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        sections: Sequence[tuple[str, str]],
        tags: Sequence[Sequence[str]] = (),
    ) -> Self:
        """Read sections, (title, text) in order, for concepts.

        `tags` names, where somebody marked them, the concepts of each section as often as they
        are in it.
        """
        spelled = [bare(name) for name in names]
        counts, titled, lengths, texts = _counts(names, spelled, sections, tags)
        met = counts > 0
        place = np.arange(counts.shape[1]) / max(counts.shape[1] - 1, 1)
        about = _shares(100 * counts / lengths * np.where(titled, IN_TITLE, 1.0))
        most_about = _shares(about**2)
        together = met.astype(float) @ met.T
        mentioned = most_about @ np.log1p(counts).T
        vectors = normalize(
            most_about @ TfidfVectorizer(sublinear_tf=True, analyzer=str.split).fit_transform(texts)
        )
        found_in = np.maximum(met.sum(axis=1), 1.0)
        single = _single(counts, titled, place, most_about, mentioned, together)
        parts = [frozenset(name.split()) - SMALL for name in spelled]
        mutual = np.array(
            [
                mentioned,
                about @ met.T.astype(float),
                together / found_in[:, None],
                together / np.sqrt(found_in[:, None] * found_in[None]),
                np.asarray(vectors @ vectors.T),
                (most_about[:, None, :] * (place >= _first(met, place)[:, None])[None]).sum(axis=2),
            ]
        )
        heads = tuple((name.split() or [""])[-1] for name in spelled)
        return cls(tuple(names), _ranked(single), _ranked_pairs(mutual), tuple(parts), heads)

    def figures(self, later: NDArray[np.int64], before: NDArray[np.int64]) -> Floats:
        """Return what speaks for `before` being needed for `later`: (pairs, figures)."""
        there, back = self.mutual[:, later, before], self.mutual[:, before, later]
        spelled = [self._spelled(a, b) for a, b in zip(later, before, strict=True)]
        return np.column_stack(
            [
                self.single[before] - self.single[later],
                self.single[later, 0],
                self.single[before, 0],
                there.T,
                back.T,
                (there - back).T,
                np.array(spelled, float).reshape(-1, 4),
            ]
        )

    def _spelled(self, later: int, before: int) -> tuple[float, float, float, float]:
        a, b = self.words[later], self.words[before]
        return (
            float(b < a),  # a right triangle is a triangle
            float(a < b),
            len(a & b) / max(len(a | b), 1),
            float(self.heads[later] == self.heads[before]),
        )


def _counts(
    names: Sequence[str],
    spelled: Sequence[str],
    sections: Sequence[tuple[str, str]],
    tags: Sequence[Sequence[str]],
) -> tuple[Floats, NDArray[np.bool_], Floats, list[str]]:
    titles = [said(title) for title, _ in sections]
    texts = [said(f"{title}. {text}") for title, text in sections]
    counts = np.array([[text.count(f" {name} ") for text in texts] for name in spelled], float)
    if tags:
        marked = np.array([[list(own).count(name) for own in tags] for name in names], float)
        counts = np.maximum(counts, marked)
    for row in np.flatnonzero(counts.sum(axis=1) == 0):
        parts = frozenset(spelled[int(row)].split()) - SMALL
        counts[row] = [parts <= frozenset(text.split()) for text in texts]
    titled = np.array([[f" {name} " in title for title in titles] for name in spelled])
    lengths = np.array([max(len(text.split()), 1) for text in texts], float)
    return counts, titled, lengths, texts


def _first(met: NDArray[np.bool_], place: Floats) -> Floats:
    return np.where(met.any(axis=1), place[met.argmax(axis=1)], NOWHERE)


def _single(
    counts: Floats,
    titled: NDArray[np.bool_],
    place: Floats,
    most_about: Floats,
    mentioned: Floats,
    together: Floats,
) -> Floats:
    met, times = counts > 0, counts.sum(axis=1)
    known = times > 0
    mean = np.where(known, counts @ place / np.maximum(times, 1), NOWHERE)
    home = np.where(known, most_about @ place, NOWHERE)
    centre = met @ place / np.maximum(met.sum(axis=1), 1)
    spread = np.sqrt(np.maximum(met @ place**2 / np.maximum(met.sum(axis=1), 1) - centre**2, 0))
    return np.column_stack(
        [
            np.log1p(met.sum(axis=1)),
            np.log1p(times),
            _first(met, place),
            mean,
            home,
            spread,
            (together > 0).mean(axis=1),
            np.log(_walked(mentioned)),
            titled.sum(axis=1),
        ]
    )


def _walked(mentioned: Floats) -> Floats:
    """Return how often a reader is at a concept who goes on to what its sections mention."""
    n = len(mentioned)
    steps = _shares(mentioned * (1 - np.eye(n)))
    stuck = steps.sum(axis=1) == 0
    share = np.full(n, 1 / n)
    for _ in range(ROUNDS):
        share = (1 - DAMPING) / n + DAMPING * (share @ steps + share[stuck].sum() / n)
    return share


def _ranked(values: Floats) -> Floats:
    """Return each column as ranks, 0..1; equal values share theirs."""
    return np.asarray(rankdata(values, axis=0) / max(len(values), 1), np.float64)


def _ranked_pairs(mutual: Floats) -> Floats:
    n = mutual.shape[1]
    others = ~np.eye(n, dtype=bool)
    ranked = np.zeros_like(mutual)
    ranked[:, others] = _ranked(mutual[:, others].T).T
    return ranked


def _shares(values: Floats) -> Floats:
    """Return rows that sum to one; rows of nothing stay so."""
    totals = values.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    return shares
