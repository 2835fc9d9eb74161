"""What is a score made of, in a form that fits into the log? (L4, pure)

Item by part, two parallel arrays: a code and a value. A positive code is a past course together
with what the learner had done there; a negative one is a named part; 0 is unused. What does not
fit is summed into `earlier`, so the parts of an item always sum to its score.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.data import Touch

# Written into every row: append, never renumber.
NAMES: tuple[str, ...] = (
    "earlier",  # what did not fit: smaller parts, most of them older courses
    "goal",
    "interest",
    "boost",
    "lower",
    "intent",
    "variety",
    "near_duplicate",
    "seen_often",
    "more",
    "prerequisite",
    "popular",
    "pin",
    "curated",  # place on the edited list
)
CODES: dict[str, int] = {name: -number for number, name in enumerate(NAMES, start=1)}

ROW_BYTES = 920  # of a log row that parts may take, 8 bytes each
WIDEST = 9
NARROWEST = 2
TOUCH_BITS = 3


@dataclass(frozen=True, slots=True)
class Parts:
    """Codes and values of k items, both (k, w)."""

    codes: NDArray[np.int32]
    values: NDArray[np.float64]

    def scores(self) -> NDArray[np.float64]:
        """Return the final score of each item."""
        totals: NDArray[np.float64] = self.values.sum(axis=1)
        return totals

    def take(self, items: NDArray[np.int64]) -> "Parts":
        """Return the parts of some items."""
        return Parts(self.codes[items], self.values[items])

    def of(self, item: int) -> tuple[tuple[int, float], ...]:
        """Return (code, value) of one item, largest value first."""
        pairs = zip(self.codes[item].tolist(), self.values[item].tolist(), strict=True)
        return tuple(sorted((pair for pair in pairs if pair[0]), key=lambda pair: -pair[1]))


def course_codes(course_ids: NDArray[np.int32], touches: NDArray[np.int8]) -> NDArray[np.int32]:
    """Return the codes of past courses."""
    return (course_ids.astype(np.int32) << TOUCH_BITS) | touches


def read_course(code: int) -> tuple[int, Touch]:
    """Return the past course of a positive code and what had been done there."""
    return code >> TOUCH_BITS, Touch(code & (1 << TOUCH_BITS) - 1)


def name_of(code: int) -> str:
    """Return the name of a part: `course:ID` for a past course."""
    return f"course:{code >> TOUCH_BITS}" if code > 0 else NAMES[-code - 1]


def compact(
    past: NDArray[np.float64], codes: NDArray[np.int32], named: dict[str, NDArray[np.float64]]
) -> Parts:
    """Return the largest parts of each item and the sum of the others.

    past is (h, k), one row a past course with its code; named maps a part to its k values.
    """
    k = past.shape[1]
    columns = np.concatenate([codes, np.array([CODES[n] for n in named], dtype=np.int32)])
    values = np.vstack([past, *named.values()]).T if len(columns) else np.zeros((k, 0))
    wide = min(WIDEST, max(NARROWEST, ROW_BYTES // (8 * max(k, 1))))
    if values.shape[1] <= wide:
        all_codes = np.broadcast_to(columns, values.shape)
        return Parts(np.where(values != 0, all_codes, 0).astype(np.int32), values)
    largest = np.argpartition(-np.abs(values), wide - 2, axis=1)[:, : wide - 1]
    kept = np.take_along_axis(values, largest, axis=1)
    rest = values.sum(axis=1) - kept.sum(axis=1)
    kept_codes = np.where(kept != 0, columns[largest], 0)
    earlier = np.full((k, 1), CODES["earlier"], dtype=np.int32)
    return Parts(
        np.hstack([kept_codes, earlier]).astype(np.int32),
        np.hstack([kept, rest[:, None]]),
    )
