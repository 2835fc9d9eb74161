"""Of what kinds of knowledge is a score made? (L4, pure) Shares of its positive parts, by kind.

The parts of a score say which course and which rule gave how much; this says the same in the few
words a learner asks with: how much of it is my goal, how much is what I did. The shares of an item
sum to 1, and so do those of a list, in which an item counts by the size of its score.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from personalize.decision.parts import CODES, SAID_NOW, TOUCH_MASK, Parts


class Kind(StrEnum):
    """Where a part of a score comes from; in the order in which they are told."""

    GOAL = "goal"  # the stated goal and skills
    ANSWERS = "answers"  # what this session is for, and words on single courses
    SESSION = "session"  # what the learner did just now
    HISTORY = "history"  # what the learner did before
    EVERYONE = "everyone"  # choices of all learners, and the order of the catalogue
    RULES = "rules"  # prerequisites
    STAFF = "staff"  # people at the controls and editors


_ORDER = tuple(Kind)
_NAMES = tuple(str(kind) for kind in Kind)
# Numbers of kinds, not kinds: hashing members of an enum takes most of the time of a list.
_KINDS: Mapping[int, int] = {
    CODES[name]: _ORDER.index(kind)
    for kind, names in {
        Kind.GOAL: ("goal", "interest"),
        Kind.ANSWERS: ("intent", "more", "format_asked"),
        Kind.HISTORY: ("earlier", "begun", "format_observed"),
        Kind.EVERYONE: ("popular", "catalogue", "likely_opened", "likely_completed"),
        Kind.RULES: ("prerequisite",),
        Kind.STAFF: ("boost", "pin", "curated"),
    }.items()
    for name in names
    if name in CODES
}
_SESSION, _HISTORY, _RULES = (
    _ORDER.index(each) for each in (Kind.SESSION, Kind.HISTORY, Kind.RULES)
)

Mix = tuple[tuple[str, float], ...]


def of(parts: Iterable[tuple[int, float]]) -> Mix:
    """Return the shares of one item by (code, value) of its parts; () where none is positive."""
    sums = [0.0] * len(_ORDER)
    for code, value in parts:
        if value > 0:
            sums[_number(code)] += value
    total = sum(sums)
    return tuple(
        [(name, amount / total) for name, amount in zip(_NAMES, sums, strict=True) if amount > 0]
    )


def of_list(parts: Parts) -> Mix:
    """Return the shares of a whole list."""
    return of(zip(parts.codes.ravel().tolist(), parts.values.ravel().tolist(), strict=True))


def percents(shares: Mix) -> list[tuple[Kind, int]]:
    """Return whole percents that sum to 100, the largest first, none of 0."""
    down = [(Kind(name), int(100 * share), 100 * share % 1) for name, share in shares]
    missing = 100 - sum(whole for _, whole, _ in down) if down else 0
    by_rest = sorted(down, key=lambda each: -each[2])
    whole = [(each, n + (at < missing)) for at, (each, n, _) in enumerate(by_rest)]
    return sorted([pair for pair in whole if pair[1]], key=lambda pair: -pair[1])


def kind(code: int) -> Kind:
    """Return the kind of a part by its code."""
    return _ORDER[_number(code)]


def _number(code: int) -> int:
    if code > 0:
        return _SESSION if code & TOUCH_MASK in SAID_NOW else _HISTORY
    return _KINDS.get(code, _RULES)
