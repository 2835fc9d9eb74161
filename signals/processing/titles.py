"""Which titles say what was typed? (L2, pure) Words against words, the closest first."""

import re
from collections.abc import Iterable

_STOP = """
a an and as at be become becoming career change for from get go i i'd i'm im in into is job
learn like me move moving my new of on or s start switch that the to want wanna work working would
als arbeiten beruf ein eine ich lernen mein möchte und werden will
aprender como de el en la los mi quiero ser trabajar un una y
"""
STOP = frozenset(_STOP.split())  # they say that somebody wants something, and not what
MOST_WORDS = 12


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that say something, in lower case, singular where that is plain."""
    found = (singular(word) for word in re.findall(r"[\w+#']+", text.lower()) if word not in STOP)
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def singular(word: str) -> str:
    """Return a word without the s of its plural: "analysts" and "analyst" are one."""
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def closeness(wanted: Iterable[str], title: str) -> float:
    """Return 0..1: how much of title and words is the same (Dice, 1945)."""
    said, held = set(wanted), set(words_of(title))
    if not said or not held:
        return 0.0
    return 2 * len(said & held) / (len(said) + len(held))
