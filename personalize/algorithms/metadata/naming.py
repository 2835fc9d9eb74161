"""Where does a text name a skill? (L3, pure) Whole names, those in brackets, and single words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from personalize.algorithms.metadata.texts import CourseText
from personalize.algorithms.metadata.wording import bare, words

Floats = NDArray[np.float64]

_IN_BRACKETS = re.compile(r"\(([^)]+)\)")
_TRACE = 0.01  # a word that stands everywhere still counts a little


@dataclass(frozen=True, slots=True)
class Naming:
    """How a text names each skill; all arrays are (courses, skills)."""

    in_title: Floats  # times the whole name stands in the title
    in_text: Floats
    in_short: Floats  # what stands in brackets, anywhere: SQL of "Query language (SQL)"
    title_share: Floats  # of the words of the name, by idf, that stand in the title
    text_share: Floats

    @property
    def any(self) -> NDArray[np.bool_]:
        """Say which skills are named at all."""
        return (self.in_title + self.in_text + self.in_short) > 0


class Names:
    """The names of skills, ready to be looked for."""

    def __init__(self, skills: Sequence[str]) -> None:
        """Read the names."""
        self.whole = [bare(skill) for skill in skills]
        self.short = [
            " ".join(words(found[1])) if (found := _IN_BRACKETS.search(skill)) else ""
            for skill in skills
        ]
        self.sizes = np.array([max(len(name.split()), 1) for name in self.whole], float)

    def fit(self, courses: Sequence[CourseText]) -> Self:
        """Learn how telling each word is from courses."""
        known = sorted({word for name in self.whole for word in name.split()})
        self.single_ = CountVectorizer(analyzer=words, vocabulary=known or ["-"], binary=True)
        met = self.single_.transform([f"{one.title} {one.text}" for one in courses]).sum(axis=0)
        idf = np.log((1 + len(courses)) / (1 + np.asarray(met).ravel())) + _TRACE
        place = {word: number for number, word in enumerate(known)}
        cells = [
            (place[word], column)
            for column, name in enumerate(self.whole)
            for word in set(name.split())
        ]
        rows, columns = np.array(cells, int).reshape(-1, 2).T
        shape = (max(len(known), 1), len(self.whole))
        weights = sparse.csc_matrix((idf[rows], (rows, columns)), shape=shape)
        totals = np.maximum(np.asarray(weights.sum(axis=0)).ravel(), 1e-9)
        self.shares_ = sparse.csc_matrix(weights @ sparse.diags_array(1 / totals))
        phrases = sorted({name for name in (*self.whole, *self.short) if name})
        self.phrases_ = {name: number for number, name in enumerate(phrases)}
        longest = max((len(name.split()) for name in phrases), default=1)
        self.counted_ = CountVectorizer(
            tokenizer=words,
            lowercase=False,
            token_pattern=None,
            ngram_range=(1, longest),
            vocabulary=self.phrases_ or {"-": 0},
        )
        return self

    def of(self, courses: Sequence[CourseText]) -> Naming:
        """Return how the titles and texts of courses name each skill."""
        titles, texts = [one.title for one in courses], [one.text for one in courses]
        title, text = self.counted_.transform(titles), self.counted_.transform(texts)
        single_title, single_text = self.single_.transform(titles), self.single_.transform(texts)
        return Naming(
            in_title=self._times(title, self.whole),
            in_text=self._times(text, self.whole),
            in_short=self._times(title + text, self.short),
            title_share=np.asarray((single_title @ self.shares_).todense(), np.float64),
            text_share=np.asarray((single_text @ self.shares_).todense(), np.float64),
        )

    def _times(self, counted: Any, names: Sequence[str]) -> Floats:
        found = np.zeros((counted.shape[0], len(names)))
        known = [column for column, name in enumerate(names) if name]
        places = [self.phrases_[names[column]] for column in known]
        if known:
            found[:, known] = counted[:, places].toarray()
        return found
