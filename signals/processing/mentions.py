"""Which known topics does a text name? Closed list of phrases: no text makes a new one (L2, pure).

What people write in forums may name anybody; so only phrases known from elsewhere are looked for
(skills of the catalogue, terms that ten learners searched, what job posts ask for).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from signals.processing.demand import MOST_WORDS, plain_words
from signals.processing.disclosure import K

EVERYWHERE = 0  # stands for all courses together


@dataclass(frozen=True, slots=True)
class Written:
    """One post after unsealing: who, in the forum of which course (0 for none), and what.

    It opens a thread unless it is known to answer another post.
    """

    learner_id: int
    course_id: int
    text: str
    opens: bool = True


@dataclass(frozen=True, slots=True)
class MentionCount:
    """A topic with its distinct learners and posts, in one course or everywhere.

    openers are those of them who opened a thread on it, threads how many they opened.
    """

    term: str
    course_id: int
    learners: int
    posts: int
    openers: int
    threads: int


@dataclass(slots=True)
class _Tally:
    learners: set[int] = field(default_factory=set)
    posts: int = 0
    openers: set[int] = field(default_factory=set)
    threads: int = 0

    def add(self, post: Written) -> None:
        self.learners.add(post.learner_id)
        self.posts += 1
        if post.opens:
            self.openers.add(post.learner_id)
            self.threads += 1


def phrases_of(terms: Iterable[str]) -> dict[tuple[str, ...], str]:
    """Return the words of each term with the term; terms without words are left out."""
    return {words: term for term in terms if (words := tuple(plain_words(term)))}


def named(text: str, phrases: Mapping[tuple[str, ...], str]) -> frozenset[str]:
    """Return the terms whose words stand in a text side by side; case and accents do not count."""
    return frozenset(_named(plain_words(text), phrases))


def _named(words: list[str], phrases: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + MOST_WORDS, len(words)) + 1):
            if (term := phrases.get(tuple(words[start:end]))) is not None:
                yield term


def count_mentions(
    posts: Iterable[Written], phrases: Mapping[tuple[str, ...], str]
) -> list[MentionCount]:
    """Return the topics that at least 10 distinct learners wrote of, everywhere and by course."""
    tallies: dict[tuple[str, int], _Tally] = {}
    for post in posts:
        for term in named(post.text, phrases):
            for course_id in {EVERYWHERE, post.course_id}:
                tallies.setdefault((term, course_id), _Tally()).add(post)
    return [
        MentionCount(
            term,
            course_id,
            len(tally.learners),
            tally.posts,
            openers=len(tally.openers),
            threads=tally.threads,
        )
        for (term, course_id), tally in sorted(tallies.items())
        if len(tally.learners) >= K
    ]
