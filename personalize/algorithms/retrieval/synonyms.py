"""Which words do people use for the same thing? (L3, pure) A small thesaurus, a file a language.

Learners ask in their own words. A word of a group finds the others of it too, for less than itself:
a group says what is often meant, never what is the same. The first words of a group are those
learners would rather use; lists are of everyday words and of the trades courses are often about.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from personalize.algorithms.retrieval.stems import stem

FOLDER = Path(__file__).parent / "thesaurus"  # one group a line


@cache
def _related(language: str) -> Mapping[str, frozenset[str]]:
    path = FOLDER / f"{language}.txt"
    found: dict[str, set[str]] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        group = {stem(word, language) for word in line.split()}
        for word in group:
            found.setdefault(word, set()).update(group - {word})
    return {word: frozenset(others) for word, others in found.items()}


def related(word: str, language: str = "en") -> frozenset[str]:
    """Return the stems people use beside a stem; none for most."""
    return _related(language).get(word, frozenset())
