"""What did somebody look for? Search text to a comparable term (L2, pure)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

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
    """A term with distinct learners, searches and searches that found nothing."""

    term: str
    learners: int
    searches: int
    without_result: int


def normalize_term(query: str) -> str | None:
    """Return the term a query stands for (case, accents and spacing removed), None if unfit."""
    if _PERSONAL.search(query):
        return None
    folded = unicodedata.normalize("NFKD", query).casefold()
    plain = "".join(mark for mark in folded if not unicodedata.combining(mark))
    words = [word.strip(".") for word in _EDGES.split(plain) if word.strip(".")]
    term = " ".join(words)
    if not term or len(term) > LONGEST_TERM or len(words) > MOST_WORDS:
        return None
    return unicodedata.normalize("NFC", term)


def count_terms(searches: Iterable[Searched]) -> list[TermCount]:
    """Return the terms of at least 10 distinct learners, most learners first."""
    learners: dict[str, set[int]] = {}
    totals: dict[str, list[int]] = {}
    for search in searches:
        term = normalize_term(search.query)
        if term is None:
            continue
        learners.setdefault(term, set()).add(search.learner_id)
        total = totals.setdefault(term, [0, 0])
        total[0] += 1
        total[1] += search.results == 0
    return sorted(
        (
            TermCount(term, len(who), totals[term][0], totals[term][1])
            for term, who in learners.items()
            if len(who) >= K
        ),
        key=lambda count: (-count.learners, count.term),
    )
