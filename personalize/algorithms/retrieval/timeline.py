"""What is said at the moment a question names? (L3, pure) Where pieces lie in their recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.retrieval.bm25 import Floats

Ints = NDArray[np.int64]
Seconds = NDArray[np.float64]

ALONE = 120.0  # seconds of a recording of which only one piece is known
EARLY, LATE = 20.0, 10.0  # seconds by which people name a moment beside what they mean


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each piece begins and ends, and each recording ends, in seconds."""

    of: Ints  # recording of each piece, ascending
    begins: Seconds
    ends: Seconds
    lasts: Seconds

    def evidence(self, at: float, said: Floats, recordings: Ints) -> dict[str, Floats]:
        """Return whether recordings last until a moment, how long after, and what is said there.

        `said` is the score of each piece for the question; figures are in order of `recordings`.
        """
        then = (self.begins - EARLY <= at) & (self.ends + LATE >= at)
        score = np.zeros(len(self.lasts), np.float32)
        np.maximum.at(score, self.of[then], said[then])
        lasts = self.lasts[recordings]
        inside = (lasts + 5 >= at).astype(np.float32)
        over = np.log((lasts + 60) / (at + 60)).astype(np.float32) * inside
        return {"at_moment": score[recordings], "inside": inside, "over": over}


def timeline(of: Ints, begins: Sequence[float]) -> Timeline:
    """Return the timeline of pieces that stand in order; a recording ends one mean piece later."""
    starts = np.asarray(begins, np.float64)
    number = np.bincount(of)
    last = np.zeros(len(number))
    np.maximum.at(last, of, starts)
    lasts = last + np.where(number > 1, last / np.maximum(number - 1, 1), ALONE)
    ends = np.append(starts[1:], 0.0)
    final = np.append(np.flatnonzero(np.diff(of)), len(of) - 1)
    ends[final] = lasts
    return Timeline(of=of, begins=starts, ends=ends, lasts=lasts)
