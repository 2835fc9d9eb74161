"""Of what kinds of knowledge is a score made? (L4, pure) Shares of its positive parts, by kind.

The parts of a score say which course and which rule gave how much; this says the same in the few
words a learner asks with: how much of it is my goal, how much is what I did. The shares of an item
sum to 1, and so do those of a list, in which an item counts by the size of its score.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from personalize.decision.parts import CODES, SAID_NOW, TOUCH_MASK


class Kind(StrEnum):
    """Where a part of a score comes from; in the order in which they are told."""

    GOAL = "goal"  # the stated goal and skills
    ANSWERS = "answers"  # what this session is for, and words on single courses
    SESSION = "session"  # what the learner did just now
    HISTORY = "history"  # what the learner did before
    EVERYONE = "everyone"  # choices of all learners, and the order of the catalogue
    RULES = "rules"  # prerequisites
    STAFF = "staff"  # people at the controls and editors


_KINDS: Mapping[int, Kind] = {
    CODES[name]: kind
    for kind, names in {
        Kind.GOAL: ("goal", "interest"),
        Kind.ANSWERS: ("intent", "more"),
        Kind.HISTORY: ("earlier", "begun"),
        Kind.EVERYONE: ("popular", "catalogue", "likely_opened", "likely_completed"),
        Kind.RULES: ("prerequisite",),
        Kind.STAFF: ("boost", "pin", "curated"),
    }.items()
    for name in names
    if name in CODES
}


def of(parts: Iterable[tuple[int, float]]) -> dict[Kind, float]:
    """Return the shares of one item by (code, value) of its parts; {} where none is positive."""
    return of_list((parts,))


def of_list(listed: Iterable[Iterable[tuple[int, float]]]) -> dict[Kind, float]:
    """Return the shares of a whole list."""
    sums = dict.fromkeys(Kind, 0.0)
    for parts in listed:
        for code, value in parts:
            if value > 0:
                sums[kind(code)] += value
    total = sum(sums.values())
    return {each: sums[each] / total for each in Kind if sums[each] > 0}


def kind(code: int) -> Kind:
    """Return the kind of a part by its code."""
    if code > 0:
        return Kind.SESSION if code & TOUCH_MASK in SAID_NOW else Kind.HISTORY
    return _KINDS.get(code, Kind.RULES)
