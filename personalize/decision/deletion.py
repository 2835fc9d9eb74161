"""Would a pick stand here without the courses named as its reason? (L4, pure) Asked beforehand.

A reason that nothing hangs on is no reason. The parts of a score add up, so leaving a course out
is arithmetic: its part is taken from the pick and from every course that would come next. How true
that is of models that are not sums is measured by asking them again (tests/personalize/real).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from personalize.data import Slot
from personalize.decision.parts import CODES

Floats = NDArray[np.float64]

ONE, TWO, ALL, NONE = (
    CODES[name] for name in ("one_decides", "two_decide", "all_decide", "none_decides")
)
UNASKED = 0  # nothing could come next, or the place is not the score's doing
MOVABLE = frozenset({Slot.GREEDY, Slot.BOOSTED})


def deciding(past: Floats, totals: Floats, slots: Sequence[Slot]) -> NDArray[np.int32]:
    """Return, for each pick, of how many past courses, largest part first, it is the doing.

    past (h, k + r) and totals (k + r,) are of the k picks, first to last, and of r courses that
    would come next; slots are those of the picks. ONE: without the course of its largest part
    another course would be in its place. TWO: without both largest ones. ALL: only without all.
    NONE: even then it would stand there.
    """
    k, n = len(slots), len(totals)
    found = np.full(k, UNASKED, dtype=np.int32)
    if not len(past) or n < 2:
        return found
    asked_most = min(k, n - 1)
    movable = np.ones(n, dtype=bool)
    movable[:k] = [slot in MOVABLE for slot in slots]
    rivals = np.where(movable, totals, -np.inf)
    next_best = _later(rivals)[:asked_most]
    standing = rivals[:asked_most]
    asked = movable[:asked_most] & (standing >= next_best) & (next_best > -np.inf)
    left = rivals - np.vstack((past, past.sum(axis=0)))
    ahead = left[:, :asked_most] < _later(left)[:, :asked_most]
    largest = past[:, :asked_most].argmax(axis=0)
    alone = ahead[largest, np.arange(asked_most)]
    verdict = np.where(alone, ONE, np.where(ahead[-1], ALL, NONE))
    open_ = np.flatnonzero(asked & ~alone)
    if len(open_) and len(past) > 1:
        both = past[:, open_].argpartition(-2, axis=0)[-2:]
        without = rivals - past[both[0]] - past[both[1]]  # (open, n)
        rows = np.arange(len(open_))
        moved = without[rows, open_] < _later(without)[rows, open_]
        verdict[open_[moved]] = TWO
    found[:asked_most][asked] = verdict[asked]
    return found


def _later(values: Floats) -> Floats:
    """Return, for each column but the last, the largest of all columns after it."""
    best: Floats = np.maximum.accumulate(values[..., :0:-1], axis=-1)[..., ::-1]
    return best
