"""What did somebody look for? Search text to a comparable term (L2, pure)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from signals.processing.disclosure import K

LONGEST_TERM = 60  # characters; longer input is a sentence, and sentences can name people
MOST_WORDS = 6
_EDGES = re.compile(r"[^\w+#.]+")  # keeps c++, c#, .net
# What looks like a person's address or number is no topic and is dropped whole.
_PERSONAL = re.compile(r"@|https?:|\d{5,}")


@dataclass(frozen=True, slots=True)
class Searched:
    """One search after unsealing: who, what, and how much was found."""

    learner_id: int
    query: str
    results: int


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term with distinct learners, searches and searches that found nothing.

    without_result is 0 where fewer than 10 learners found nothing: who they are stays unknown.
    """

    term: str
    learners: int
    searches: int
    without_result: int


@dataclass(slots=True)
class _Tally:
    learners: set[int] = field(default_factory=set)
    in_vain: set[int] = field(default_factory=set)  # learners who found nothing at least once
    searches: int = 0
    without_result: int = 0

    def add(self, search: Searched) -> None:
        self.learners.add(search.learner_id)
        self.searches += 1
        if search.results == 0:
            self.in_vain.add(search.learner_id)
            self.without_result += 1


def normalize_term(query: str) -> str | None:
    """Return the term a query stands for (case, accents and spacing removed), None if unfit."""
    if _PERSONAL.search(query):
        return None
    words = plain_words(query)
    term = " ".join(words)
    if not term or len(term) > LONGEST_TERM or len(words) > MOST_WORDS:
        return None
    return unicodedata.normalize("NFC", term)


def plain_words(text: str) -> list[str]:
    """Return the words of a text without case and accents; names such as c++ stay whole."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return [word.strip(".") for word in _EDGES.split(plain) if word.strip(".")]


def count_terms(searches: Iterable[Searched]) -> list[TermCount]:
    """Return the terms of at least 10 distinct learners, most learners first."""
    terms: dict[str, _Tally] = {}
    for search in searches:
        term = normalize_term(search.query)
        if term is not None:
            terms.setdefault(term, _Tally()).add(search)
    counts = (
        TermCount(
            term=term,
            learners=len(tally.learners),
            searches=tally.searches,
            without_result=tally.without_result if len(tally.in_vain) >= K else 0,
        )
        for term, tally in terms.items()
        if len(tally.learners) >= K
    )
    return sorted(counts, key=lambda count: (-count.learners, count.term))
