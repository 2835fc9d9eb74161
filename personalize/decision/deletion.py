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
    k = len(slots)
    found = np.full(k, UNASKED, dtype=np.int32)
    if not len(past):
        return found
    movable = np.ones(len(totals), dtype=bool)
    movable[:k] = [slot in MOVABLE for slot in slots]
    rivals = np.where(movable, totals, -np.inf)
    asked = movable[:k] & (rivals[:k] >= _later(rivals)[:k]) & (_later(rivals)[:k] > -np.inf)
    everything = past.sum(axis=0)
    found[asked] = np.where(_overtaken(rivals - everything, k), ALL, NONE)[asked]
    largest = past[:, :k].argmax(axis=0)
    alone = _overtaken(rivals - past, k)[largest, np.arange(k)]
    found[asked & alone] = ONE
    for at in np.flatnonzero(asked & ~alone).tolist() if len(past) > 1 else ():
        both = past[np.argpartition(-past[:, at], 1)[:2]].sum(axis=0)
        left = rivals - both
        if left[at] < left[at + 1 :].max():
            found[at] = TWO
    return found


def _overtaken(left: Floats, k: int) -> NDArray[np.bool_]:
    """Say which of the first k columns something later is ahead of."""
    ahead: NDArray[np.bool_] = left[..., :k] < _later(left)[..., :k]
    return ahead


def _later(values: Floats) -> Floats:
    """Return the largest of all later columns, -inf for the last."""
    best = np.full_like(values, -np.inf)
    best[..., :-1] = np.maximum.accumulate(values[..., :0:-1], axis=-1)[..., ::-1]
    return best
