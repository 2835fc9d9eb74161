"""What is a score made of, in a form that fits into the log? (L4, pure)

Item by part, two parallel arrays: a code and a value. A positive code is a past course together
with what the learner had done there; a negative one is a named part; 0 is unused. Courses that do
not fit are summed into `earlier`, so the parts of an item always sum to its score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.data import Touch

# Written into every row: append, never renumber.
NAMES: tuple[str, ...] = (
    "earlier",  # past courses that did not fit, the smallest; never a named part
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
    "catalogue",  # place in the catalogue's own order, after the end of the edited list
    "begun",  # the learner is in the middle of it
    "likely_opened",  # how likely, against the average of what may be shown
    "likely_completed",
    # Marks: worth 0, they say of how many past courses a pick is the doing (decision/deletion.py).
    "one_decides",
    "two_decide",
    "all_decide",
    "none_decides",
    "well_known",  # better known than what the learner takes
    "format_observed",  # has formats that go well for the learner
    "format_asked",  # has the format the learner asked for
    "known",  # teaches nothing but what the learner says they know
)
CODES: dict[str, int] = {name: -number for number, name in enumerate(NAMES, start=1)}

FORMAT_OBSERVED, FORMAT_ASKED = "format_observed", "format_asked"
MARKS = frozenset(CODES[n] for n in ("one_decides", "two_decide", "all_decide", "none_decides"))

ROW_BYTES = 920  # of a log row that parts take, 8 bytes each, unless named ones alone take more
TOUCHED_BYTES = 6  # of the row that a course of the history takes where a list is made again from
TOUCHED_FREE = 30  # such courses for which there is room beside the parts
WIDEST = 9
NARROWEST = 2
TOUCH_BITS = 3
TOUCH_MASK = (1 << TOUCH_BITS) - 1
# By touch, what its three bits say when it was just now. Nobody is shown a course for having left
# one, so the number of that is free, and so is 0.
JUST_NOW = np.zeros(max(Touch) + 1, dtype=np.int8)
JUST_NOW[[Touch.VIEWED, Touch.STARTED, Touch.ENROLLED, Touch.COMPLETED]] = 5, 6, 7, 0
SAID_NOW = frozenset({5, 6, 7, 0})


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

    def marked(self, marks: NDArray[np.int32]) -> "Parts":
        """Return the parts with a mark of each item, 0 for none."""
        if not marks.any():
            return self
        k, wide = self.codes.shape
        codes, values = np.empty((k, wide + 1), dtype=np.int32), np.zeros((k, wide + 1))
        codes[:, :wide], codes[:, wide] = self.codes, marks
        values[:, :wide] = self.values
        return Parts(codes, values)

    def nothing(self) -> "Parts":
        """Return as many items without any part."""
        return Parts(np.zeros_like(self.codes), np.zeros_like(self.values))

    def listed(self) -> list[list[tuple[int, float]]]:
        """Return (code, value) of each item, largest value first, unused places left out."""
        order = np.argsort(-self.values, axis=1, kind="stable")
        rows = np.arange(len(order))[:, np.newaxis]
        codes, values = self.codes[rows, order].tolist(), self.values[rows, order].tolist()
        return [
            [pair for pair in zip(*pairs, strict=True) if pair[0]]
            for pairs in zip(codes, values, strict=True)
        ]

    def narrowed(self, wide: int) -> "Parts":
        """Return about so many parts of each item, which still sum to its score.

        Named parts all stay, however many they are; the smallest courses become `earlier`.
        """
        is_earlier = self.codes == CODES["earlier"]
        is_named = (self.codes < 0) & ~is_earlier
        wide = max(wide, int(is_named.sum(axis=1).max(initial=0)) + 1)
        if self.values.shape[1] <= wide:
            return self
        size = np.where(is_named, np.inf, np.where(is_earlier, -1.0, np.abs(self.values)))
        largest = np.argpartition(-size, wide - 2, axis=1)[:, : wide - 1]
        rows = np.arange(len(self.codes))[:, np.newaxis]
        codes, kept = self.codes[rows, largest], self.values[rows, largest]
        left = self.values.copy()
        left[rows, largest] = 0.0
        rest = left.sum(axis=1, keepdims=True)
        earlier = np.where(rest != 0, CODES["earlier"], 0).astype(np.int32)
        return Parts(np.hstack([codes, earlier]), np.hstack([kept, rest]))


def course_codes(course_ids: NDArray[np.int32], touches: NDArray[np.int8]) -> NDArray[np.int32]:
    """Return the codes of past courses."""
    return (course_ids.astype(np.int32) << TOUCH_BITS) | touches


def named(parts: Sequence[tuple[int, float]]) -> tuple[tuple[str, float], ...]:
    """Return the parts of an item by their names; marks are none."""
    return tuple(
        [
            (f"course:{code >> TOUCH_BITS}" if code > 0 else NAMES[-code - 1], value)
            for code, value in parts
            if code not in MARKS
        ]
    )


def compact(
    past: NDArray[np.float64],
    codes: NDArray[np.int32],
    named: dict[str, NDArray[np.float64]],
    *,
    touched: int = 0,
) -> Parts:
    """Return the named parts of each item, its largest courses and the sum of the other courses.

    past is (h, k), one row a past course with its code; named maps a part to its k values. touched
    is how many courses of the history the row keeps beside: the more, the less room is left.
    """
    k = past.shape[1]
    columns = np.concatenate([codes, np.array([CODES[n] for n in named], dtype=np.int32)])
    values = np.column_stack([past.T, *named.values()]) if len(columns) else np.zeros((k, 0))
    all_codes = np.where(values != 0, columns, 0).astype(np.int32)
    left = max(ROW_BYTES - TOUCHED_BYTES * max(touched - TOUCHED_FREE, 0), ROW_BYTES // 2)
    room = left // (8 * max(k, 1)) - 1  # a mark takes one
    wide = min(WIDEST, max(NARROWEST, room))
    return Parts(all_codes, values).narrowed(wide)
