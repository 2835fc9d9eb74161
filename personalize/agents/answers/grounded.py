"""Does a sentence say nothing but what its source says? (L5, pure) The check of what a model wrote.

It is strict on purpose, because whoever passes it is shown as a course's own word: what is written
may leave words of its source out, and change nothing else. Words that turn a meaning round (not,
only, before) must be exactly those of the source.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from personalize.agents.answers.asked import orders_a_machine
from personalize.algorithms.retrieval.sentences import split
from personalize.algorithms.retrieval.stems import stem
from personalize.algorithms.retrieval.words import spelled

LEAST_SAID = 0.6  # of a source: a word torn out of its sentence says something else
MOST = 3  # sentences of an answer
_CITED = re.compile(r"\[(\d{1,2})\]")
_TRAILING = re.compile(r"([.!?])\s*((?:\[\d{1,2}\]\s*)+)")

# Words that carry no meaning of their own and may come and go.
_GRAMMAR = """
    a an the and of to is are was were be been it its this that these those there so then also
    der die das ein eine und ist sind el la los las un una y es son de
"""
_FREE = frozenset(_GRAMMAR.split())

_TURNS = """
    not no never none nor neither without cannot can't don't doesn't isn't aren't won't shouldn't
    mustn't wasn't weren't hasn't haven't nothing nobody only must should may might can could would
    before after above below under over more most less least few all any each every some up down
    off on against unless if until during between except but hardly rarely seldom almost about
    minus nicht kein keine nie ohne nur nunca sin solo
"""
_TURNING = frozenset(stem(word) for word in _TURNS.split())


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence that was written, with the places, from 0, of the sources it cites."""

    text: str
    sources: tuple[int, ...]


def supported(text: str, sources: Sequence[str]) -> tuple[Said, ...]:
    """Return what was written, sentence by sentence; nothing at all where one is not supported."""
    said = [_said(sentence) for sentence in split(_TRAILING.sub(r" \2\1 ", text.strip()))]
    if not said or len(said) > MOST or not all(_holds(one, sources) for one in said):
        return ()
    return tuple(said)


def _said(sentence: str) -> Said:
    numbers = tuple(dict.fromkeys(int(number) - 1 for number in _CITED.findall(sentence)))
    bare = re.sub(r"\s+([.!?])", r"\1", " ".join(_CITED.sub("", sentence).split()))
    return Said(bare, numbers)


def _holds(said: Said, sources: Sequence[str]) -> bool:
    """Say whether a sentence is one source with words left out, in the source's order."""
    if len(said.sources) != 1 or not 0 <= said.sources[0] < len(sources):
        return False
    if orders_a_machine(said.text):
        return False
    source = _telling(sources[said.sources[0]])
    written = _telling(said.text)
    if not written or len(written) < LEAST_SAID * len(source):
        return False
    if not _in_order(written, source):
        return False
    return _turning(written) == _turning(source)


def _telling(text: str) -> list[str]:
    """Return the words of a text that tell, in order: all but articles and the like."""
    return [stem(word) for word in spelled(text) if word not in _FREE] + _marks(text)


def _marks(text: str) -> list[str]:
    """Return signs that change what numbers say, which are no words."""
    return re.findall(r"[<>=≤≥≠%°€$£+\u2212\u00d7\u00f7/*^~]|(?<![\w])-(?=\d)", text)


def _in_order(written: Sequence[str], source: Sequence[str]) -> bool:
    rest = iter(source)
    return all(word in rest for word in written)


def _turning(words: Sequence[str]) -> Counter[str]:
    return Counter(word for word in words if word in _TURNING)
