"""What is known of a course nobody labelled yet? (L3, pure) Its words, and what is offered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float64]

TITLE_TIMES = 2  # a title counts so often among the words of its course
NUMBERS_COUNT = 0.5  # of the length of a text's vector
LEAST_KNOWN = 2  # courses a word, or a provider, is of before it counts
LETTERS_MOST = 200_000

# What courses for anybody say of themselves, and what those say that ask for something.
_FOR_ANYBODY = re.compile(
    r"\b(?:intro\w*|fundament\w*|foundation\w*|basics?|getting started|beginner\w*|"
    r"no (?:prior|previous)|everyone|anyone)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:advanced|capstone|intermediate|prerequisite\w*|familiar\w*|experience\w*|"
    r"should (?:have|know|be)|graduate|deep\w*|assum\w*|complet\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CourseText:
    """One course as its page has it."""

    title: str
    text: str
    facts: tuple[str, ...] = ()  # "provider: x", "language: en": what is one of several
    numbers: tuple[float, ...] = ()  # hours, ratings: as many for each course of a catalogue


@dataclass(slots=True)
class Views:
    """Words, letters and offer of courses, weighed as the courses learnt from have them."""

    words: TfidfVectorizer = field(default_factory=lambda: _terms((1, 2), least=LEAST_KNOWN))
    letters: TfidfVectorizer = field(default_factory=lambda: _letters())
    title_words: TfidfVectorizer = field(default_factory=lambda: _terms((1, 2), least=1))
    title_letters: TfidfVectorizer = field(default_factory=lambda: _letters())
    facts: dict[str, int] = field(default_factory=dict)
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    spread: Floats = field(default_factory=lambda: np.ones(0))

    def fit(self, courses: Sequence[CourseText]) -> Self:
        """Learn the vocabulary. Raises ValueError where no course has a word."""
        whole, titles = _whole(courses), [course.title for course in courses]
        least = LEAST_KNOWN if len(courses) > LEAST_KNOWN else 1
        self.words.min_df = self.letters.min_df = self.title_letters.min_df = least
        self.words.fit(whole)
        self.letters.fit(whole)
        self.title_words.fit(titles)
        self.title_letters.fit(titles)
        counts: dict[str, int] = {}
        for course in courses:
            for fact in course.facts:
                counts[fact] = counts.get(fact, 0) + 1
        known = sorted(fact for fact, n in counts.items() if n >= least)
        self.facts = {fact: place for place, fact in enumerate(known)}
        numbers = _numbers(courses)
        self.mean, self.spread = numbers.mean(axis=0), numbers.std(axis=0) + 1e-9
        return self

    def of(self, courses: Sequence[CourseText]) -> dict[str, Any]:
        """Return sparse matrices of courses: words, letters, titles, offer."""
        whole, titles = _whole(courses), [course.title for course in courses]
        named = sparse.hstack(
            [self.title_words.transform(titles), self.title_letters.transform(titles)]
        )
        return {
            "words": self.words.transform(whole),
            "letters": self.letters.transform(whole),
            "title": sparse.csr_matrix(named),
            "offer": sparse.csr_matrix(
                sparse.hstack([self._facts(courses), self.numbers(courses)])
            ),
        }

    def numbers(self, courses: Sequence[CourseText]) -> Floats:
        """Return the numbers of courses in spreads of those learnt from, at half weight."""
        return NUMBERS_COUNT * (_numbers(courses) - self.mean) / self.spread

    def _facts(self, courses: Sequence[CourseText]) -> Any:
        found = [
            (row, self.facts[fact])
            for row, course in enumerate(courses)
            for fact in course.facts
            if fact in self.facts
        ]
        rows, columns = zip(*found, strict=True) if found else ((), ())
        shape = (len(courses), len(self.facts))
        return sparse.csr_matrix((np.ones(len(found)), (rows, columns)), shape=shape)


def _numbers(courses: Sequence[CourseText]) -> Floats:
    """Return the numbers of courses, and how long they write and what they say of themselves."""
    return np.array(
        [
            (
                *course.numbers,
                len(course.text),
                len(course.title.split()),
                len(_FOR_ANYBODY.findall(f"{course.title} {course.text}")),
                len(_ASKING.findall(f"{course.title} {course.text}")),
            )
            for course in courses
        ],
        float,
    )


def _whole(courses: Sequence[CourseText]) -> list[str]:
    return [" . ".join([course.title] * TITLE_TIMES + [course.text]) for course in courses]


def _terms(size: tuple[int, int], *, least: int) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, ngram_range=size, min_df=least)


def _letters() -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        sublinear_tf=True,
        ngram_range=(2, 5),
        min_df=LEAST_KNOWN,
        max_features=LETTERS_MOST,
    )
