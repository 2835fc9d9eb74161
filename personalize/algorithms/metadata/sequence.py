"""Which of two courses comes first? (L3, pure) Learnt from courses whose order is known.

A logistic regression on differences: what speaks for coming early adds up over the words of title
and description and over figures of the course among its programme, so every course gets one
number and an order follows. Sentences that say the place ("the third course") are left out first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from personalize.algorithms.metadata.wording import words

Floats = NDArray[np.float64]

PENALTY = 0.3  # the inverse of its strength
FIGURES_COUNT = 0.3
LEAST_SEEN = {"title": 2, "text": 3}  # courses a term is in before it counts

_SENTENCE = re.compile(r"(?<=[.!?;:])\s*|\n|•")
_OF_A_SERIES = re.compile(
    r"\b(?:courses?|class(?:es)?|mooc|specializations?|certificates?|programs?|programmes?|series|"
    r"sequence|capstone|part|step)\b",
    re.IGNORECASE,
)
_A_PLACE = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|final|last|next|"
    r"previous|prior|earlier|preceding|subsequent|concluding|initial|opening|1st|2nd|3rd|[4-6]th|"
    r"one|two|three|four|five|six|seven|eight|\d+|i{1,3}|iv|v|begin(?:ning)?|start|continu\w+|"
    r"build\w* (?:on|upon)|follow\w*|complet\w+|taken?|taking|already|kicks?|conclude\w*|"
    r"recommend\w*|capstone)\b",
    re.IGNORECASE,
)
_EARLY = re.compile(
    r"\b(?:intro\w*|fundament\w*|foundation\w*|basics?|getting started|overview|essential\w*|"
    r"beginner\w*|what is|principles|concepts|first|start\w*|begin\w*|primer|understanding|"
    r"welcome|orientation)\b",
    re.IGNORECASE,
)
_LATE = re.compile(
    r"\b(?:advanced|capstone|projects?|appl(?:ied|ying)|application\w*|final|exam|prep\w*|"
    r"deploy\w*|production|case stud\w*|interview|career|practicum|portfolio|strateg\w*|manag\w*|"
    r"optimi\w*|scal\w*|assess\w*|intermediate|mastering|job)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b(\d|i{1,3}|iv|v)\b", re.IGNORECASE)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_LONG_WORD = 4
_PER = 1000  # characters of a description


@dataclass(frozen=True, slots=True)
class Step:
    """One course among those of its programme."""

    title: str
    text: str
    of: str  # the title of the programme

    @property
    def says_early(self) -> bool:
        """Say whether its title is one of a first course: "Introduction to"."""
        return bool(_EARLY.search(self.title))

    @property
    def says_late(self) -> bool:
        """Say whether its title is one of a last course: "Capstone"."""
        return bool(_LATE.search(self.title))


def without_places(text: str) -> str:
    """Return a description without the sentences that tell which course of a series it is."""
    sentences = _SENTENCE.split(text)
    kept = [one for one in sentences if not (_OF_A_SERIES.search(one) and _A_PLACE.search(one))]
    return " ".join(one for one in kept if one)


class SequenceModel:
    """How early does a course come in its programme?"""

    def fit(self, programmes: Sequence[Sequence[Step]]) -> Self:
        """Learn from programmes in their order. Raises ValueError without a pair."""
        steps = [step for programme in programmes for step in programme]
        starts = np.cumsum([0, *(len(programme) for programme in programmes)])
        pairs = np.array(
            [
                (start + early, start + late)
                for start, programme in zip(starts, programmes, strict=False)
                for early in range(len(programme))
                for late in range(early + 1, len(programme))
            ],
            int,
        ).reshape(-1, 2)
        if not len(pairs):
            raise ValueError("No programme has two courses: there is no order to learn from.")
        self.title_ = _terms(LEAST_SEEN["title"]).fit([step.title for step in steps])
        self.text_ = _terms(LEAST_SEEN["text"]).fit([without_places(step.text) for step in steps])
        figures = np.vstack([_figures(programme) for programme in programmes])
        self.mean_, self.spread_ = figures.mean(axis=0), figures.std(axis=0) + 1e-9
        seen = self._read(steps, figures)
        apart = seen[pairs[:, 0]] - seen[pairs[:, 1]]
        self.regression_ = LogisticRegression(C=PENALTY, fit_intercept=False, max_iter=500).fit(
            sparse.vstack([apart, -apart]), np.repeat([1, 0], len(pairs))
        )
        return self

    def earliness(self, programme: Sequence[Step]) -> Floats:
        """Return one number per course of a programme; the higher, the earlier it comes."""
        seen = self._read(programme, _figures(programme))
        return np.asarray(seen @ self.regression_.coef_[0], np.float64).ravel()

    def order(self, programme: Sequence[Step]) -> list[int]:
        """Return the places of the courses given, the first to take first."""
        return [int(place) for place in np.argsort(-self.earliness(programme), kind="stable")]

    def _read(self, steps: Sequence[Step], figures: Floats) -> Any:
        scaled = FIGURES_COUNT * (figures - self.mean_) / self.spread_
        return sparse.csr_matrix(
            sparse.hstack(
                [
                    self.title_.transform([step.title for step in steps]),
                    self.text_.transform([without_places(step.text) for step in steps]),
                    scaled,
                ]
            )
        )


def _terms(least: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        tokenizer=words, token_pattern=None, ngram_range=(1, 2), min_df=least, sublinear_tf=True
    )


def _figures(programme: Sequence[Step]) -> Floats:
    """Return what each course says of the others, and they of it: (courses, figures)."""
    titles = [words(step.title) for step in programme]
    kept = [without_places(step.text) for step in programme]
    whole = [
        frozenset(words(text)) | frozenset(title) for text, title in zip(kept, titles, strict=True)
    ]
    spread = [word for title in titles for word in set(title)]
    own = [
        [word for word in set(title) if spread.count(word) == 1 and len(word) >= _LONG_WORD]
        for title in titles
    ]
    found = []
    for place, step in enumerate(programme):
        others = [other for other in range(len(programme)) if other != place]
        told = _mean([_share(own[place], whole[other]) for other in others])
        tells = _mean([_share(own[other], whole[place]) for other in others])
        rest = frozenset().union(*(whole[other] for other in others))
        text = kept[place]
        found.append(
            [
                told,
                tells,
                told - tells,
                _mean([spread.count(word) / len(programme) for word in set(titles[place])]),
                len(whole[place] - rest) / max(len(whole[place]), 1),
                _mean([_alike(whole[place], whole[other]) for other in others]),
                len(text) / _PER,
                len(titles[place]),
                step.says_early,
                step.says_late,
                _numbered(step.title),
                len(_EARLY.findall(text)) / max(len(text), 50),
                len(_LATE.findall(text)) / max(len(text), 50),
                ":" in step.title,
                _share(titles[place], frozenset(words(step.of))),
            ]
        )
    return np.array(found, float)


def _numbered(title: str) -> int:
    found = [one.lower() for one in _NUMBER.findall(title)]
    return max((_ROMAN.get(one) or int(one) for one in found), default=0)


def _share(some: Sequence[str], of: frozenset[str]) -> float:
    return sum(word in of for word in some) / len(some) if some else 0.0


def _alike(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / max(len(left | right), 1)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
