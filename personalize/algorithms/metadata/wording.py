"""Which words make a text comparable with another? (L3, pure) Plain stems, any language."""

import re

SMALL = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "for",
        "from",
        "how",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "we",
        "what",
        "will",
        "with",
        "you",
        "your",
    )
)
_WORD = re.compile(r"[^\W_]+(?:[+#]+|\.js\b)?")
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""))
_SHORTEST_STEM = 3


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, each by its singular."""
    return [_singular(word) for word in _WORD.findall(text.lower())]


def said(text: str) -> str:
    """Return the words of a text as one string in which ` words of a name ` can be looked for."""
    return f" {' '.join(words(text))} "


def bare(name: str) -> str:
    """Return a name without what stands in brackets: "Grade (slope)" is looked for as "grade"."""
    return " ".join(words(_BRACKETS.sub("", name))) or " ".join(words(name))


def _singular(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)] + instead
    return word
