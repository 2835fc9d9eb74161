"""How much does a word tell of what is asked? (L3, pure) By how common it is where people teach.

Inside one short course "work" can be as rare as "pulse". The table says in how many of many texts
of teaching each stem stands, as a power of two; `manage.py count_words` makes it. What is in no
table tells most.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from math import log
from pathlib import Path

FOLDER = (
    Path(__file__).parent / "commonness"
)  # a line for how many texts there are, then one a power
LEAST = 16  # texts in which a stem of the table stands at least
_SMOOTH = 3


@cache
def _table(language: str) -> tuple[int, Mapping[str, int]]:
    path = FOLDER / f"{language}.txt"
    if not path.exists():
        return 1, {}
    first, *lines = path.read_text("utf-8").splitlines()
    held = {word: 2 ** int(power) for power, *words in map(str.split, lines) for word in words}
    return int(first), held


def telling(stem: str, language: str = "en") -> float:
    """Return how much a stem tells, 0..1; where a language has no table all tell the same, 1."""
    texts, held = _table(language)
    found_in = held.get(stem, 0)
    if not found_in:
        return 1.0
    return max(log((texts + 1) / (found_in + _SMOOTH)) / log((texts + 1) / _SMOOTH), 0.0)


def written(texts: int, found_in: Mapping[str, int]) -> str:
    """Return the table of stems that stand in `found_in` of `texts`."""
    powers: dict[int, list[str]] = {}
    for stem, times in found_in.items():
        if times >= LEAST and stem.isalpha():
            powers.setdefault(round(log(times, 2)), []).append(stem)
    return "\n".join([str(texts), *_lines(sorted(powers.items()))]) + "\n"


def _lines(powers: Iterable[tuple[int, list[str]]]) -> Iterable[str]:
    for power, stems in powers:
        yield f"{power} {' '.join(sorted(stems))}"
