"""Which terms mean the same topic? (L3, pure) Endings, order of words and slips of the keyboard.

A slip is one letter more, less, other or changed for its neighbour (Damerau 1964) in a word of at
least five letters. It is read as the commonest spelling beside it, and only where that was typed by
far more people or is a word of the catalogue: two rare words may both be right.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from personalize.algorithms.retrieval.stems import stem
from personalize.algorithms.retrieval.words import EMPTY

SHORTEST = 5  # letters of a word that may be a slip
FAR_MORE = 4  # times as many people type the right spelling
_WORD = re.compile(r"[^\W_][\w+#]*(?:\.\w+)*|\.\w+")  # keeps c++, c#, .net and 2.0

Key = frozenset[str]


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text in order, with names such as c++ and .net whole."""
    return tuple(
        stem(word) if word.isalpha() else word
        for word in _WORD.findall(text.lower())
        if word not in EMPTY
    )


def key_of(term: str) -> Key:
    """Return what makes two terms one topic: the same stems, in any order; empty says nothing."""
    return frozenset(stems(term))


def merged(terms: Mapping[str, int], known: Collection[str] = ()) -> dict[str, str]:
    """Return for each term the one that stands for its topic: of its like, the most asked.

    terms maps a term to how many asked for it; known are texts whose words are spelled right.
    """
    often: dict[str, int] = {}
    for term, asked in terms.items():
        for word in _WORD.findall(term.lower()):
            often[word] = often.get(word, 0) + asked
    right = {word for text in known for word in _WORD.findall(text.lower())}
    spelled = _corrections(often, right)
    stands: dict[Key, str] = {}
    keys: dict[str, Key] = {}
    for term in sorted(terms, key=lambda term: (-terms[term], term)):
        meant = " ".join(spelled.get(word, word) for word in _WORD.findall(term.lower()))
        keys[term] = key_of(meant) or frozenset({term})
        # Whoever is most wrote it best, unless all of them slipped.
        stands.setdefault(keys[term], term if _is_right(term, spelled) else meant)
    return {term: stands[key] for term, key in keys.items()}


def _is_right(term: str, spelled: Mapping[str, str]) -> bool:
    return not any(word in spelled for word in _WORD.findall(term.lower()))


def _corrections(often: Mapping[str, int], right: Collection[str]) -> dict[str, str]:
    """Return what each slip was meant to be."""
    by_part: dict[str, set[str]] = {}
    for word in {*often, *right}:
        if len(word) >= SHORTEST - 1 and word.isalpha():
            for part in _parts(word):
                by_part.setdefault(part, set()).add(word)
    meant: dict[str, str] = {}
    for word, asked in often.items():
        if word in right or len(word) < SHORTEST or not word.isalpha():
            continue
        near = {other for part in _parts(word) for other in by_part[part]} - {word}
        better = [
            other
            for other in near
            if one_slip(word, other)
            and (other in right or often.get(other, 0) >= FAR_MORE * asked)
            and stem(other) != stem(word)
        ]
        if better:
            meant[word] = max(better, key=lambda other: (often.get(other, 0), other))
    return {word: meant.get(other, other) for word, other in meant.items()}


def _parts(word: str) -> Iterator[str]:
    """Yield a word with each letter left out, and itself: words one slip apart share one of them.

    Sharing one is necessary, not enough (Garbe's symmetric deletion).
    """
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def one_slip(word: str, other: str) -> bool:
    """Say whether one letter more, less, other or changed for its neighbour makes the other."""
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    if len(word) != len(other):
        longer, shorter = (word, other) if len(word) > len(other) else (other, word)
        return longer[at + 1 :] == shorter[at:]
    swapped = word[at : at + 2] == other[at : at + 2][::-1] and word[at + 2 :] == other[at + 2 :]
    return word[at + 1 :] == other[at + 1 :] or swapped
