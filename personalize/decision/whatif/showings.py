"""How often would learners have been shown courses, and what is that against them? (L4, pure)

What is shown often and not opened goes down (decision/policy.py). A change moves what is shown, so
each list of a learner depends on the ones before: they are played in turns, each learner's first
list first. How often a course was shown is told from where it counts on; below that, the lists that
are played themselves are counted.
"""

import numpy as np
from numpy.typing import NDArray

from personalize.decision.policy import SEEN_FREE, SEEN_MOST, SEEN_STEP
from personalize.decision.whatif.panel import NOWHERE, Own

TURNS_MOST = 60  # of one learner; who asked oftener has the rest in one turn

Floats = NDArray[np.float64]
Counts = NDArray[np.int16]
Places = NDArray[np.intp]


class Showings:
    """The showings under other rules, beside those of the lists as they are now."""

    def __init__(self, own: Own, now: NDArray[np.int32]) -> None:
        """`now` (R, longest) are the lists under what is in force, as places."""
        self.turns = _turns(own)
        self._whose, self._logged, self._now = own.learners, own.seen, now
        shape = (int(own.learners.max(initial=0)) + 1, own.seen.shape[1])
        self._counted = np.zeros(shape, np.int16)  # under what is in force, as far as played
        self._apart = np.zeros(shape, np.int16)  # how many more there would have been

    def more(self, rows: Places) -> Floats:
        """Return (rows, courses) what is added to the scores in these lists."""
        counted, apart = self._until(rows)
        return lowered(counted) - lowered(np.maximum(counted + apart, 0))

    def add(self, rows: Places, lists: NDArray[np.int32]) -> None:
        """Take in what these lists, one of each learner, came to."""
        counted, apart = self._until(rows)
        came, now = (_shown(each, counted.shape) for each in (lists, self._now[rows]))
        whose = self._whose[rows]
        self._counted[whose] = counted + now
        self._apart[whose] = apart + came - now

    def _until(self, rows: Places) -> tuple[Counts, Counts]:
        """Return the counts before these lists; of who opened a course since, it begins anew."""
        whose, logged = self._whose[rows], self._logged[rows].astype(np.int16)
        counted = self._counted[whose]
        anew = (logged == 0) & (counted > SEEN_FREE)
        known = np.where(logged > 0, logged, counted)
        zero = np.int16(0)
        return np.where(anew, zero, known), np.where(anew, zero, self._apart[whose])


def lowered(times: Counts) -> Floats:
    """Return what so many showings take off a course."""
    return np.minimum(SEEN_STEP * np.maximum(times - SEEN_FREE, 0), SEEN_MOST)


def _shown(lists: NDArray[np.int32], shape: tuple[int, ...]) -> Counts:
    found = np.zeros(shape, np.int16)
    at, column = np.nonzero(lists != NOWHERE)
    found[at, lists[at, column]] = 1
    return found


def _turns(own: Own) -> tuple[Places, ...]:
    """Return the requests of each turn: every learner's first, then their second, and so on."""
    order = np.lexsort((own.served_at, own.learners))
    whose = own.learners[order]
    first = np.flatnonzero(np.diff(whose, prepend=-2))
    begun = np.repeat(first, np.diff(first, append=len(whose)))
    turn = np.minimum(np.arange(len(whose)) - begun, TURNS_MOST - 1)
    return tuple(order[turn == number] for number in range(int(turn.max(initial=-1)) + 1))
